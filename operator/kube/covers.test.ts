import { describe, expect, it } from 'vitest';
import { covers } from './covers.ts';

describe('covers()', () => {
  it.each([
    ['the same', { a: { b: 1 } }, { a: { b: 1 } }, true],
    ['a server default beside it', { a: 1, kind: 'x' }, { a: 1 }, true],
    ['a default inside a list item', { l: [{ n: 'a', d: true }] }, { l: [{ n: 'a' }] }, true],
    ['a field that is not to be set', { a: 1 }, { a: 1, b: undefined }, true],
    ['another value', { a: 2 }, { a: 1 }, false],
    ['a missing field', {}, { a: 1 }, false],
    ['a list with one more', { l: [1, 2] }, { l: [1] }, false],
    ['nothing where an object is wanted', { a: null }, { a: {} }, false],
  ])('%s', (_, actual, wanted, expected) => expect(covers(actual, wanted)).toBe(expected));
});
