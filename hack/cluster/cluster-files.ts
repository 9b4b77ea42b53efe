// The files that are kept for a cluster while it is up. It makes no cluster.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inCache } from '../cache.ts';

const folderOf = (name: string): string => inCache('clusters', name);

/** One for all clusters, since the last one to go takes Docker with it. */
export const clustersLock = (): string => inCache('locks', 'clusters');

export const kubeconfigOf = (name: string): string => join(folderOf(name), 'kubeconfig');

/** What has to be known to go on with a cluster, and to take it away again. */
export interface ClusterState {
  /** kind's network was not there before: nobody else uses it. */
  readonly networkIsOurs: boolean;
  /** Everything was done, not only begun. */
  readonly ready: boolean;
  /** File names of the image tars that its nodes have; the names tell the content. */
  readonly loaded: readonly string[];
}

export const readState = async (name: string): Promise<ClusterState | undefined> => {
  const text = await readFile(join(folderOf(name), 'state.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ClusterState);
};

export const writeState = async (name: string, state: ClusterState): Promise<void> => {
  await mkdir(folderOf(name), { recursive: true });
  await writeFile(join(folderOf(name), 'state.json'), JSON.stringify(state));
};

export const removeFiles = (name: string): Promise<void> => rm(folderOf(name), { recursive: true, force: true });
