import { describe, expect, it } from 'vitest';
import { retryAtMs } from './retry.ts';

const at = (attempts: number, phase: 'Failed' | 'Blocked' = 'Failed') =>
  retryAtMs({ name: 'gvisor', phase, attempts, lastTransitionTime: '1970-01-01T00:00:00Z' }) / 60_000;

describe('retryAtMs()', () => {
  it('doubles from one minute to half an hour', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 99].map((attempts) => at(attempts))).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it('asks a blocked node again every two minutes', () => {
    expect([1, 2, 3, 9].map((attempts) => at(attempts, 'Blocked'))).toEqual([1, 2, 2, 2]);
  });
});
