// Runs the pinned kind against a Docker daemon.

import { join } from 'node:path';

import { ensure } from '../build/ensure.ts';
import type { Docker } from '../docker/ensure-docker.ts';
import type { Say } from '../progress.ts';
import { run, type RunOptions } from '../run.ts';

export type Kind = (args: readonly string[], options?: RunOptions) => Promise<string>;

export const ensureKind = async (docker: Docker, say: Say): Promise<Kind> => {
  const program = join(await ensure('kind', say), 'kind');
  return (args, options = {}) => run([program, ...args], { ...options, env: docker.env });
};

export const clusterExists = async (kind: Kind, name: string): Promise<boolean> =>
  (await kind(['get', 'clusters'])).split('\n').includes(name);
