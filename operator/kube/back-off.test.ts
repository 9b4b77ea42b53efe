import { describe, expect, it } from 'vitest';
import { backOffMs } from './back-off.ts';

describe('backOffMs()', () => {
  it('doubles with each failure', () => {
    expect([1, 2, 3].map((failures) => backOffMs(failures, 1))).toEqual([200, 400, 800]);
  });

  it('stays at ten seconds however long it lasts', () => {
    expect(backOffMs(500, 1)).toBe(10_000);
  });

  it('spreads clients over half of the time', () => {
    expect([backOffMs(3, 0), backOffMs(3, 1)]).toEqual([400, 800]);
  });
});
