// Hands out artifacts from the cache, building those that are not there, at most two at a time. It knows no recipe.

import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';

import { cacheRoot, inCache } from '../cache.ts';
import { exists } from '../exists.ts';
import { withLock } from '../lock.ts';
import type { Say } from '../progress.ts';
import { cacheKey } from './cache-key.ts';
import { observeHost } from './host.ts';
import type { Recipe } from './recipe.ts';
import { recipesFor, type ArtifactName } from './recipes.ts';

/** The absolute folder with the artifact's files; builds it, and what it needs, when it is not in the cache. */
export const ensure = async (name: ArtifactName, say: Say): Promise<string> =>
  ensureFrom(recipesFor(await observeHost()), name, say);

/** The same for several, side by side as far as memory allows. */
export const ensureAll = async <N extends ArtifactName>(
  names: readonly N[],
  say: Say,
): Promise<Readonly<Record<N, string>>> => {
  const recipes = recipesFor(await observeHost());
  const folders = await Promise.all(names.map((name) => ensureFrom(recipes, name, say)));
  return Object.fromEntries(names.map((name, index) => [name, folders[index]])) as Record<N, string>;
};

/** {@link ensure} with any table of recipes. */
export const ensureFrom = async (
  recipes: Readonly<Record<string, Recipe>>,
  name: string,
  say: Say,
): Promise<string> => {
  const key = cacheKey(name, recipes);
  const folder = inCache(key);
  const recipe = recipes[name];
  if (recipe === undefined || (await exists(folder))) return folder;
  const needs = new Map<string, string>();
  await Promise.all(recipe.needs.map(async (need) => needs.set(need, await ensureFrom(recipes, need, say))));
  const waiting = (): void => say(`${name} ${recipe.version}: another process builds it, waiting`);
  await withSlot(() =>
    withLock(
      inCache('locks', key),
      async () => {
        if (!(await exists(folder))) await buildInto(folder, key, name, recipe, needs, say);
      },
      waiting,
    ),
  );
  return folder;
};

const buildInto = async (
  folder: string,
  key: string,
  name: string,
  recipe: Recipe,
  needs: ReadonlyMap<string, string>,
  say: Say,
): Promise<void> => {
  const from = Date.now();
  const label = `${name} ${recipe.version}`;
  const logFile = inCache('logs', `${key}.log`);
  await removeLeftovers(key);
  const work = await mkdtemp(inCache(`.${key}-`));
  const context = {
    key,
    into: join(work, 'out'),
    scratch: join(work, 'scratch'),
    logFile,
    say,
    from: pick(name, needs),
  };
  await Promise.all([mkdir(context.into), mkdir(context.scratch)]);
  say(`${label}: building (${recipe.what})`);
  try {
    await rm(logFile, { force: true });
    await recipe.build(context);
    await rename(context.into, folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot build ${label}: its recipe failed.\n${why}`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  say(`${label}: done in ${Math.round((Date.now() - from) / 1000)} s`);
};

const pick =
  (name: string, needs: ReadonlyMap<string, string>) =>
  (need: string): string => {
    const folder = needs.get(need);
    if (folder === undefined) throw new Error(`Cannot use ${need} for ${name}: the recipe does not list it in needs.`);
    return folder;
  };

/** A killed build leaves its folder; whoever holds the lock knows that nobody else is building there. */
const removeLeftovers = async (key: string): Promise<void> => {
  const names = await readdir(cacheRoot());
  const left = names.filter((name) => name.startsWith(`.${key}-`));
  await Promise.all(left.map((name) => rm(inCache(name), { recursive: true, force: true })));
};

const slots = totalmem() > 6 * 2 ** 30 ? 2 : 1;
const queue: (() => void)[] = [];
let busy = 0;

const withSlot = async (action: () => Promise<void>): Promise<void> => {
  if (busy >= slots) await new Promise<void>((go) => queue.push(go));
  else busy += 1;
  try {
    await action();
  } finally {
    const next = queue.shift();
    if (next === undefined) busy -= 1;
    else next();
  }
};
