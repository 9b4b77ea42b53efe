// Cache keys: equal for equal recipes, different for everything that changes the bytes.

import { describe, expect, it } from 'vitest';

import { cacheKey } from './cache-key.ts';
import type { Recipe } from './recipe.ts';

const recipe = (change: Partial<Recipe> = {}): Recipe => ({
  version: 'v1',
  what: '',
  needs: [],
  inputs: { tags: 'a' },
  build: async () => {},
  ...change,
});

const keyOf = (change: Partial<Recipe>, base: Partial<Recipe> = {}): string =>
  cacheKey('it', { base: recipe(base), it: recipe(change) }, 'x64');

describe('cacheKey()', () => {
  it('is the name, the version and eight hexadecimal digits', () => {
    expect(keyOf({})).toMatch(/^it-v1-[0-9a-f]{8}$/);
  });

  it('stays the same for the same recipe', () => {
    expect(keyOf({})).toBe(keyOf({ what: 'other words on the progress line' }));
  });

  it.each<[string, Partial<Recipe>]>([
    ['inputs', { inputs: { tags: 'b' } }],
    ['version', { version: 'v2' }],
    ['needs', { needs: ['base'] }],
  ])('changes with %s', (_, change) => {
    expect(keyOf(change)).not.toBe(keyOf({}));
  });

  it('changes with the recipe of what it needs', () => {
    expect(keyOf({ needs: ['base'] }, { inputs: 'new' })).not.toBe(keyOf({ needs: ['base'] }));
  });

  it('changes with the architecture', () => {
    const recipes = { it: recipe() };
    expect(cacheKey('it', recipes, 'arm64')).not.toBe(cacheKey('it', recipes, 'x64'));
  });

  it('names the known artifacts for an unknown one', () => {
    expect(() => cacheKey('other', { it: recipe() })).toThrow('Known are it.');
  });
});
