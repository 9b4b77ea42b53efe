// Makes sure that Docker has the node image for a cluster: finds, pulls, or builds and loads it.

import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { cacheKey } from '../build/cache-key.ts';
import { ensure } from '../build/ensure.ts';
import { observeHost } from '../build/host.ts';
import { recipesFor } from '../build/recipes.ts';
import { inCache } from '../cache.ts';
import type { Docker } from '../docker/ensure-docker.ts';
import { exists } from '../exists.ts';
import { nodeImageReference } from '../node-image/recipe.ts';
import { pins } from '../pins.ts';
import { timed, type Say } from '../progress.ts';
import { run, tryRun } from '../run.ts';
import { chooseNodeImage } from './choose-node-image.ts';

export interface NodeImage {
  readonly reference: string;
  /** Ours has no CNI of kind's and an etcd that kubeadm does not expect. */
  readonly own: boolean;
}

const PULL_TIMEOUT_MS = 10_000;

/** @param wish `auto`, `build` or a reference */
export const provideNodeImage = async (wish: string, docker: Docker, say: Say): Promise<NodeImage> => {
  const host = await observeHost();
  const key = cacheKey('node-image', recipesFor(host));
  const own = nodeImageReference(key);
  const [ownLoaded, publishedThere] = await Promise.all([has(own, docker), has(pins.kindNode.version, docker)]);
  const ownThere = ownLoaded || (await exists(inCache(key)));
  const choice = chooseNodeImage(wish, { ownThere, publishedThere }, host);
  switch (choice.kind) {
    case 'Own':
      return ownImage(own, ownLoaded, docker, say);
    case 'Reference':
      say(`node image: ${choice.reference}`);
      return { reference: choice.reference, own: isOurs(choice.reference) };
    case 'Pull':
      if (await pull(choice.reference, docker, say)) return { reference: choice.reference, own: false };
      return ownImage(own, ownLoaded, docker, say);
  }
};

const isOurs = (reference: string): boolean => reference.startsWith(nodeImageReference(''));

const has = async (reference: string, docker: Docker): Promise<boolean> =>
  (await tryRun(['docker', 'image', 'inspect', reference], { env: docker.env })).code === 0;

const pull = async (reference: string, docker: Docker, say: Say): Promise<boolean> => {
  say(`node image: pulling ${reference}`);
  // Without a way to the registry this fails or hangs: a cluster must not wait for it.
  const { code } = await tryRun(['docker', 'pull', reference], { env: docker.env, timeoutMs: PULL_TIMEOUT_MS });
  if (code !== 0) say('node image: cannot be pulled here, building our own from package registries');
  return code === 0;
};

const ownImage = async (reference: string, loaded: boolean, docker: Docker, say: Say): Promise<NodeImage> => {
  const folder = await ensure('node-image', say);
  if (!loaded) {
    await timed(say, `node image: loading ${reference}`, () => load(join(folder, 'image.tar'), docker));
    await removeOlder(reference, docker);
    await removeOlderFolders(folder);
  }
  return { reference, own: true };
};

const load = (tar: string, docker: Docker): Promise<string> =>
  run(['docker', 'load', '-q', '-i', tar], { env: docker.env });

/** Each is about a gigabyte. */
const removeOlder = async (reference: string, docker: Docker): Promise<void> => {
  const repository = reference.split(':')[0] ?? '';
  const format = '{{.Repository}}:{{.Tag}}';
  const list = await run(['docker', 'images', '--format', format, repository], { env: docker.env });
  const older = list.split('\n').filter((name) => name !== '' && name !== reference);
  for (const name of older) await tryRun(['docker', 'rmi', name], { env: docker.env });
};

const removeOlderFolders = async (folder: string): Promise<void> => {
  const names = await readdir(dirname(folder));
  const older = names.filter((name) => name.startsWith('node-image-') && name !== basename(folder));
  for (const name of older) await rm(join(dirname(folder), name), { recursive: true });
};
