// Telling a process from a later one with its pid, and ending it, with real processes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { isAlive, startDetached, startTicksOf, stopProcess } from './processes.ts';

describe('startTicksOf()', () => {
  const rest = 'S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21';
  it('counts fields after the name, whatever the name holds', () => {
    expect(startTicksOf(`42 (a) b (c)) ${rest}`)).toBe('4711');
  });

  it('has none for a zombie', () => {
    expect(startTicksOf(`42 (a) ${rest.replace('S', 'Z')}`)).toBeUndefined();
  });
});

describe('stopProcess()', () => {
  it('ends a process, by force if it ignores SIGTERM, and leaves another start time alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'process-'));
    const stubborn = await startDetached(
      ['sh', '-c', 'trap "" TERM; while :; do sleep 0.2; done'],
      join(folder, 'log'),
    );
    await stopProcess({ ...stubborn, startTicks: '1' });
    expect(await isAlive(stubborn)).toBe(true);
    await stopProcess(stubborn, 200);
    expect(await isAlive(stubborn)).toBe(false);
    await rm(folder, { recursive: true });
  });
});
