import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { revisionOf } from './revision.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

describe('revisionOf()', () => {
  it('is the same however the keys are ordered, and whatever is undefined', () => {
    expect(revisionOf({ a: 1, b: [{ c: 2, d: 3 }] }, hash)).toBe(
      revisionOf({ b: [{ d: 3, c: 2 }], a: 1, e: undefined }, hash),
    );
  });

  it('differs when a value or the order of a list differs', () => {
    const revisions = [{ a: [1, 2] }, { a: [2, 1] }, { a: ['1', 2] }].map((content) => revisionOf(content, hash));
    expect(new Set(revisions).size).toBe(3);
  });

  it('is a valid label value', () => {
    expect(revisionOf({}, hash)).toMatch(/^[0-9a-f]{12}$/);
  });
});
