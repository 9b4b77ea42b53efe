// Takes a cluster away with everything that was made for it. It leaves the cache of built things.

import { runningDocker, stopDocker, type Docker } from '../docker/ensure-docker.ts';
import { withLock } from '../lock.ts';
import { timed, type Say } from '../progress.ts';
import { run, tryRun } from '../run.ts';
import { clustersLock, kubeconfigOf, readState, removeFiles } from './cluster-files.ts';
import { allowEgress } from './egress.ts';
import { clustersOf, ensureKind, type Kind } from './kind.ts';

/** Removes the cluster, and our own Docker once no cluster needs it. */
export const clusterDown = (name: string, say: Say): Promise<void> =>
  withLock(clustersLock(), async () => {
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
  if (docker.own || state?.networkIsOurs === true) await removeNetwork(docker);
  await removeFiles(name);
};

/** Other clusters may be on the network by now: then it stays, and so does the rule that goes with it. */
const removeNetwork = async (docker: Docker): Promise<void> => {
  const format = '{{len .Containers}}';
  const members = await tryRun(['docker', 'network', 'inspect', 'kind', '-f', format], { env: docker.env });
  if (members.stdout.trim() !== '0') return;
  await allowEgress(docker);
  await run(['docker', 'network', 'rm', 'kind'], { env: docker.env });
};
