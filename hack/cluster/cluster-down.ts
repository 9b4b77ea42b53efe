// Takes a cluster away with everything that was made for it. It leaves the cache of built things.

import { inCache } from '../cache.ts';
import { runningDocker, stopDocker, type Docker } from '../docker/ensure-docker.ts';
import { withLock } from '../lock.ts';
import { timed, type Say } from '../progress.ts';
import { tryRun } from '../run.ts';
import { kubeconfigOf, readState, removeFiles } from './cluster-files.ts';
import { allowEgress } from './egress.ts';
import { clustersOf, ensureKind, type Kind } from './kind.ts';

/** Removes the cluster, and our own Docker once no cluster needs it. */
export const clusterDown = (name: string, say: Say): Promise<void> =>
  withLock(inCache('locks', `cluster-${name}`), async () => {
    const docker = await runningDocker();
    if (docker !== undefined && (await clustersOf(docker)).includes(name)) {
      const kind = await ensureKind(docker, say);
      await timed(say, `removing cluster ${name}`, () => removeCluster(name, docker, kind));
    }
    await removeFiles(name);
    const others = docker?.own === true ? await clustersOf(docker) : [];
    if (others.length > 0) say(`our Docker stays for ${others.join(', ')}`);
    else await stopDocker(say);
  });

export const removeCluster = async (name: string, docker: Docker, kind: Kind): Promise<void> => {
  const state = await readState(name);
  await kind(['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfigOf(name)]);
  if (state?.networkIsOurs === true) {
    // Other clusters, made since, may be on it: Docker refuses then, and the rule stays with the network.
    if (!(await hasMembers(docker))) {
      await allowEgress(docker);
      await tryRun(['docker', 'network', 'rm', 'kind'], { env: docker.env });
    }
  }
  await removeFiles(name);
};

const hasMembers = async (docker: Docker): Promise<boolean> => {
  const format = '{{len .Containers}}';
  const found = await tryRun(['docker', 'network', 'inspect', 'kind', '-f', format], { env: docker.env });
  return found.stdout.trim() !== '0';
};
