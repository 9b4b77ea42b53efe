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

/** The names of the clusters that are there, found without kind, which may not be built yet. */
export const clustersOf = async (docker: Docker): Promise<readonly string[]> => {
  const label = 'io.x-k8s.kind.cluster';
  const list = ['docker', 'ps', '-a', '--filter', `label=${label}`, '--format', `{{.Label "${label}"}}`];
  return [...new Set((await run(list, { env: docker.env })).split('\n').filter((name) => name !== ''))];
};
