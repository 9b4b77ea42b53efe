// Makes the disk that node VMs have their engine's images on, unpacked already: under emulation each would take minutes.

import { truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { cacheRoot } from '../cache.ts';
import { ensureCommands } from '../build/debian-packages.ts';
import { ensureFrom } from '../build/ensure.ts';
import { observeHost } from '../build/host.ts';
import type { BuildContext, Recipe } from '../build/recipe.ts';
import { recipesFor } from '../build/recipes.ts';
import { writeImage } from '../image/write-image.ts';
import { keepNewest } from '../images/keep-newest.ts';
import { preload } from '../node-image/preload.ts';
import { busybox, pause } from '../node-image/system-images.ts';
import { pins } from '../pins.ts';
import type { Say } from '../progress.ts';
import { run } from '../run.ts';

const diskBytes = 8 * 2 ** 30;
/** They take about 1 GB each. */
const kept = 2;

/** The disk's file. @param tars of images, beyond those that each node has; their names tell their content */
export const ensureStore = async (tars: readonly string[], say: Say): Promise<string> => {
  const recipes = { ...recipesFor(await observeHost()), 'vm-store': vmStore(tars) };
  const folder = await ensureFrom(recipes, 'vm-store', say);
  await keepNewest(cacheRoot(), `vm-store-${recipes['vm-store'].version}`, kept);
  return join(folder, diskFile);
};

const diskFile = 'disk.raw';

const vmStore = (tars: readonly string[]): Recipe => ({
  version: pins.containerd23.version,
  what: 'a disk with the images of node VMs',
  needs: ['containerd-2.3', 'debian-root', 'pause'],
  inputs: { tars: tars.map((tar) => basename(tar)), diskBytes, layout: 1 },
  build: (context) => build(tars, context),
});

const build = async (tars: readonly string[], { into, scratch, logFile, say, from }: BuildContext): Promise<void> => {
  await ensureCommands({ 'mkfs.ext4': 'e2fsprogs' }, say);
  const ownTar = join(scratch, 'images.tar');
  await writeImage({ out: ownTar, images: [pause(from), await busybox(from)] });
  const store = join(scratch, 'store');
  for (const imagesTar of [ownTar, ...tars]) {
    await preload({ programs: from('containerd-2.3'), imagesTar, store, scratch, logFile });
  }
  const disk = join(into, diskFile);
  await writeFile(disk, '');
  await truncate(disk, diskBytes);
  await run(['mkfs.ext4', '-q', '-d', store, '-E', 'lazy_itable_init=1,nodiscard', disk], { logFile });
};
