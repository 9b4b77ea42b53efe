// Tests of the totals line that ends a test run.
import { describe, expect, it } from 'vitest';
import { addTotals, isSuccess, totalsLine } from './totals.ts';

describe('totalsLine()', () => {
  it('says nothing of skipped tests when there are none', () => {
    expect(totalsLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  });

  it('counts skipped tests', () => {
    expect(totalsLine({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
  });
});

describe('addTotals()', () => {
  it('adds each number up', () => {
    const one = { passed: 1, failed: 2, skipped: 3 };
    expect(addTotals([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  });
});

describe('isSuccess()', () => {
  it.each([
    ['a failed test', { passed: 9, failed: 1, skipped: 0 }, false],
    ['no test at all', { passed: 0, failed: 0, skipped: 0 }, false],
    ['only skipped tests', { passed: 0, failed: 0, skipped: 4 }, false],
    ['passed and skipped tests', { passed: 1, failed: 0, skipped: 4 }, true],
  ])('judges %s', (_, totals, success) => {
    expect(isSuccess(totals)).toBe(success);
  });
});
