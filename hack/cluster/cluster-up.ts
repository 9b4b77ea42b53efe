// Brings up a cluster whose nodes are containers, from whatever this machine has. It deploys nothing of the project.

import { basename } from 'node:path';

import { observeHost } from '../build/host.ts';
import { inCache } from '../cache.ts';
import { ensureDocker, type Docker } from '../docker/ensure-docker.ts';
import { withLock } from '../lock.ts';
import { timed, type Say } from '../progress.ts';
import { tryRun } from '../run.ts';
import { serveClusterNamesOnly } from './cluster-dns.ts';
import { removeCluster } from './cluster-down.ts';
import { clustersLock, kubeconfigOf, readState, writeState } from './cluster-files.ts';
import { rejectEgress } from './egress.ts';
import { kindConfig, podSubnet } from './kind-config.ts';
import { clustersOf, ensureKind, type Kind } from './kind.ts';
import { kubectlOf, type Kubectl } from './kubectl.ts';
import { writePodNetwork } from './pod-network.ts';
import { provideNodeImage } from './provide-node-image.ts';

export interface ClusterOptions {
  readonly name: string;
  readonly workers: number;
  /** `auto`, `build` or the reference of an image. */
  readonly nodeImage: string;
  readonly say: Say;
}

export interface Cluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly docker: Docker;
  readonly kind: Kind;
  readonly kubectl: Kubectl;
  /** It was up before. */
  readonly wasUp: boolean;
}

/** A cluster that is up already is left as it is; one that was only begun is made anew. */
export const clusterUp = (options: ClusterOptions): Promise<Cluster> =>
  withLock(
    clustersLock(),
    () => clusterUpLocked(options),
    () => options.say('another process is at a cluster, waiting'),
  );

const clusterUpLocked = async (options: ClusterOptions): Promise<Cluster> => {
  const { name, say } = options;
  const docker = await ensureDocker(say);
  const kind = await ensureKind(docker, say);
  const kubectl = kubectlOf(name, docker);
  const cluster = { name, kubeconfig: kubeconfigOf(name), docker, kind, kubectl };
  if ((await clustersOf(docker)).includes(name)) {
    if ((await readState(name))?.ready === true) {
      await checkNodes(name, kubectl);
      return { ...cluster, wasUp: true };
    }
    await timed(say, `cluster ${name} was only begun: removing it`, () => removeCluster(name, docker, kind));
  }
  await create(options, cluster);
  return { ...cluster, wasUp: false };
};

/** After a reboot of the machine, say, nodes may have other addresses than their certificates. */
const checkNodes = async (name: string, kubectl: Kubectl): Promise<void> => {
  try {
    await kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s']);
  } catch (cause) {
    throw new Error(`Cannot use cluster ${name}: it is there, but not all its nodes are Ready. Run make down first.`, {
      cause,
    });
  }
};

const create = async (options: ClusterOptions, cluster: Omit<Cluster, 'wasUp'>): Promise<void> => {
  const { name, workers, say } = options;
  const { docker, kind, kubectl } = cluster;
  const image = await provideNodeImage(options.nodeImage, docker, say);
  const networkIsOurs = (await tryRun(['docker', 'network', 'inspect', 'kind'], { env: docker.env })).code !== 0;
  await writeState(name, { networkIsOurs, ready: false, loaded: [] });
  const config = kindConfig(name, workers, image, await observeHost());
  const flags = [
    '--name',
    name,
    '--image',
    image.reference,
    '--kubeconfig',
    cluster.kubeconfig,
    '--config',
    '-',
    '--retain',
  ];
  await timed(say, `creating cluster ${name}: 1 control plane, ${workers} workers`, () =>
    kind(['create', 'cluster', ...flags], { input: config, logFile: inCache('logs', `kind-${name}.log`) }),
  );
  await rejectEgress(docker, say);
  await serveClusterNamesOnly(kubectl);
  if (image.own) await writePodNetwork(podSubnet, docker, kubectl);
  await timed(say, 'waiting for nodes, Services and DNS', () => waitUntilReady(kubectl));
  await writeState(name, { networkIsOurs, ready: true, loaded: [] });
};

const waitUntilReady = async (kubectl: Kubectl): Promise<void> => {
  await kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=180s']);
  for (const workload of ['daemonset/kube-proxy', 'deployment/coredns']) {
    await kubectl(['-n', 'kube-system', 'rollout', 'status', workload, '--timeout=180s']);
  }
};

/** Puts images onto every node of a cluster that is up, unless they are there. @param tars as `buildImages` names them */
export const loadImages = async ({ name, kind }: Cluster, tars: readonly string[], say: Say): Promise<void> => {
  for (const tar of tars) {
    const state = await readState(name);
    const file = basename(tar);
    if (state === undefined || state.loaded.includes(file)) continue;
    await timed(say, `loading ${file} onto the nodes`, () => kind(['load', 'image-archive', tar, '--name', name]));
    // Tags move: of what was loaded under a name, only the newest is on the nodes.
    const others = state.loaded.filter((other) => familyOf(other) !== familyOf(file));
    await writeState(name, { ...state, loaded: [...others, file] });
  }
};

const familyOf = (tar: string): string => tar.replace(/-[^-]*$/, '');
