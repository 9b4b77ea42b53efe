import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Queue } from './queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Queue', () => {
  it('runs a key once for many adds', async () => {
    const ran: string[] = [];
    const queue = new Queue(2, async (key) => void ran.push(key));
    for (const key of ['a', 'a', 'b', 'a']) queue.add(key);
    await vi.advanceTimersByTimeAsync(1);
    expect(ran).toEqual(['a', 'b']);
  });

  it('lets the earlier time win', async () => {
    const at: number[] = [];
    const start = Date.now();
    const queue = new Queue(1, async () => void at.push(Date.now() - start));
    queue.add('a', 5000);
    queue.add('a', 100);
    queue.add('a', 9000);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(at).toEqual([100]);
  });

  it('runs a key again, after it has ended, that was added while it ran', async () => {
    let running = 0;
    const most: number[] = [];
    const queue = new Queue(4, async (key) => {
      most.push(++running);
      if (most.length === 1) queue.add(key);
      await new Promise((resolve) => setTimeout(resolve, 50));
      running--;
    });
    queue.add('a');
    await vi.advanceTimersByTimeAsync(500);
    expect(most).toEqual([1, 1]);
  });

  it('runs no more keys at once than it has workers', async () => {
    let running = 0;
    let most = 0;
    const queue = new Queue(2, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
    });
    for (const key of 'abcdef') queue.add(key);
    await vi.advanceTimersByTimeAsync(100);
    expect([most, running]).toEqual([2, 0]);
  });

  it('waits on close for what runs, and starts nothing more', async () => {
    const ended: string[] = [];
    const queue = new Queue(1, async (key) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      ended.push(key);
    });
    queue.add('a');
    queue.add('b');
    await vi.advanceTimersByTimeAsync(1);
    const closed = queue.close();
    await vi.advanceTimersByTimeAsync(100);
    await closed;
    expect(ended).toEqual(['a']);
  });
});
