// Names an artifact's folder in the cache, so that a changed recipe never finds the old bytes. Pure.

import { createHash } from 'node:crypto';

import type { Recipe } from './recipe.ts';

/** Raise when the builder itself changes what comes out of unchanged recipes. */
const BUILDER = 1;

/** `<name>-<version>-<hash8>`; the hash covers the recipe's inputs, the machine's architecture and the needs' own keys. */
export const cacheKey = (
  name: string,
  recipes: Readonly<Record<string, Recipe>>,
  arch: string = process.arch,
): string => {
  const recipe = recipes[name];
  if (recipe === undefined) {
    throw new Error(`Cannot build ${name}: there is no such artifact. Known are ${Object.keys(recipes).join(', ')}.`);
  }
  const needs = recipe.needs.map((need) => cacheKey(need, recipes, arch));
  const hash = createHash('sha256').update(JSON.stringify([BUILDER, arch, recipe.version, recipe.inputs, needs]));
  return `${name}-${recipe.version}-${hash.digest('hex').slice(0, 8)}`;
};
