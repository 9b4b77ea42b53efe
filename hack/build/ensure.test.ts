// The builder with recipes of a few bytes: builds once, hands out whole folders only, says why a build failed.

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { run } from '../run.ts';
import { ensureFrom } from './ensure.ts';
import type { BuildContext, Recipe } from './recipe.ts';

let cache = '';
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'cache-'));
  vi.stubEnv('BULKHEAD_CACHE', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const recipe = (build: (context: BuildContext) => Promise<void>, needs: readonly string[] = []): Recipe => ({
  version: 'v1',
  what: 'a file',
  needs,
  inputs: {},
  build,
});

const say = (): void => {};

describe('ensureFrom()', () => {
  it('builds once for callers that come at the same time and later', async () => {
    let builds = 0;
    const recipes = {
      a: recipe(async ({ into }) => {
        builds += 1;
        await sleep(50);
        await writeFile(join(into, 'file'), 'made');
      }),
    };
    const folders = await Promise.all([ensureFrom(recipes, 'a', say), ensureFrom(recipes, 'a', say)]);
    folders.push(await ensureFrom(recipes, 'a', say));
    expect(builds).toBe(1);
    expect(new Set(folders).size).toBe(1);
    expect(await readFile(join(folders[0] ?? '', 'file'), 'utf8')).toBe('made');
  });

  it('builds what a recipe needs first', async () => {
    const recipes = {
      a: recipe(async ({ into }) => writeFile(join(into, 'file'), 'from a')),
      b: recipe(
        async ({ into, from }) => {
          await writeFile(join(into, 'copy'), await readFile(join(from('a'), 'file')));
        },
        ['a'],
      ),
    };
    expect(await readFile(join(await ensureFrom(recipes, 'b', say), 'copy'), 'utf8')).toBe('from a');
  });

  it('keeps nothing of a build that failed, and names artifact, command and last output', async () => {
    const recipes = {
      a: recipe(async ({ into, logFile }) => {
        await writeFile(join(into, 'half'), '');
        await run(['sh', '-c', 'echo no such compiler; exit 3'], { logFile });
      }),
    };
    await expect(ensureFrom(recipes, 'a', say)).rejects.toThrow(
      /Cannot build a v1[^]*sh -c echo no such[^]*code 3[^]*no such compiler[^]*\.log/,
    );
    expect((await readdir(cache)).toSorted()).toEqual(['locks', 'logs']);
  });

  it('removes what a killed build left', async () => {
    const recipes = { a: recipe(async ({ into }) => writeFile(join(into, 'file'), '')) };
    const folder = await ensureFrom(recipes, 'a', say);
    await rm(folder, { recursive: true });
    const left = await mkdtemp(join(cache, `.${folder.slice(cache.length + 1)}-`));
    await ensureFrom(recipes, 'a', say);
    expect(await readdir(cache)).not.toContain(left.slice(cache.length + 1));
  });
});
