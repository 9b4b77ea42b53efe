// Reading the capability bounding set.

import { describe, expect, it } from 'vitest';

import { hasSysResource } from './host.ts';

describe('hasSysResource()', () => {
  it.each([
    ['000001ffffffffff', true],
    ['000001fffeffffff', false],
    ['0000000001000000', true],
    ['0000000000000000', false],
  ])('reads CapBnd %s as %s', (set, expected) => {
    expect(hasSysResource(`Name:\tnode\nCapEff:\t0000000000000000\nCapBnd:\t${set}\nCapAmb:\t0000000000000000\n`)).toBe(
      expected,
    );
  });

  it('says what is missing when there is no such line', () => {
    expect(() => hasSysResource('Name:\tnode\n')).toThrow('no CapBnd line');
  });
});
