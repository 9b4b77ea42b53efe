// Observes the running container engine: which process, which config, which socket, what it answers.
import type { EngineFacts } from '../../crds/node-facts.ts';
import { filesOf, type ConfigTree } from '../engine/containerd/config-tree.ts';
import {
  defaultContainerdSocket,
  type EngineProcess,
  findEngine,
  flag,
  kubelet,
  kubeletSocket,
  holdsKubelet,
} from '../engine/find-engine.ts';
import { crioPaths, crioSocket, defaultCrioSocket } from '../engine/crio/config-files.ts';
import type { Obstacle } from '../engine/engine.ts';
import { tableAt } from '../engine/toml.ts';
import type { CriAnswer, Host, HostProcess } from '../host/host.ts';
import { readCrioFiles } from './drivers/crio-config.ts';
import { observeDocker } from './observe-docker.ts';
import { ownerOf } from './owner-of.ts';
import { readConfigTree, type TreeReading } from './read-config-tree.ts';

export type ObservedEngine = {
  readonly kind: EngineFacts['kind'];
  readonly process: HostProcess;
  readonly unit: string;
  /** To have the config loaded, kubelet restarts as well. */
  readonly restartsKubelet: boolean;
  readonly socket: string;
  /** Where kubelet asks, when it is not the engine itself: at cri-dockerd. */
  readonly adapterSocket?: string;
  readonly configPath: string;
  /** containerd only. */
  readonly config?: TreeReading;
  /** Docker: it loads a changed config at a reload, and is not restarted. */
  readonly reloads: boolean;
  /** After a change in this folder the engine is restarted by what it runs under, as by k0s. */
  readonly watchedFolder?: string;
  /** What is in the way of handlers, whatever the engine's config. */
  readonly obstacle?: Obstacle;
  readonly answer: CriAnswer;
};

export async function observeEngine(
  host: Host,
  processes: readonly HostProcess[],
): Promise<ObservedEngine | undefined> {
  const trees = new Map<string, TreeReading>();
  for (const { argv } of processes) {
    const path = flag(argv, ['config', 'c']);
    // One config per containerd, and nearly always there is one containerd.
    if (path && argv[0]?.endsWith('containerd')) trees.set(path, await readConfigTree(host, path));
  }
  const treeOf = async (path: string) => trees.get(path) ?? (await readConfigTree(host, path));
  const defaultTree = await treeOf('/etc/containerd/config.toml');
  const crioSockets = await observeCrioSockets(host, processes);
  const socketOf = (engine: EngineProcess<HostProcess>) =>
    crioSockets.get(engine.process.pid) ?? socketIn(engine, trees.get(engine.configPath) ?? defaultTree);
  const engine = findEngine(processes, await observeKubeletSocket(host, processes), socketOf);
  if (!engine) return undefined;
  const socket = socketOf(engine);
  const config = engine.kind === 'containerd' ? await treeOf(engine.configPath) : undefined;
  const watchedFolder = ownerOf({ ...engine, ...(config ? { config } : {}) })?.watchedFolder;
  return {
    kind: engine.kind,
    process: engine.process,
    unit: engine.unit,
    restartsKubelet: watchedFolder === undefined && holdsKubelet(engine.unit, processes),
    socket,
    configPath: engine.configPath,
    reloads: engine.kind === 'docker',
    ...(config ? { config } : {}),
    ...(watchedFolder === undefined ? {} : { watchedFolder }),
    ...(engine.kind === 'docker'
      ? await observeDocker(host, processes, engine, socket)
      : { answer: await host.askCri(socket) }),
  };
}

/** What a report says about the engine. An engine that does not answer has no version. */
export function engineFactsOf({
  kind,
  socket,
  configPath,
  config,
  answer,
  restartsKubelet,
}: ObservedEngine): EngineFacts {
  const version = config?.kind === 'Read' ? config.tree.root?.table['version'] : undefined;
  return {
    kind,
    version: answer.kind === 'Answered' ? answer.engineVersion.replace(/^v/, '') : 'unknown',
    socket,
    configPath,
    ...(typeof version === 'number' ? { configVersion: version } : {}),
    ...(restartsKubelet ? { restartsKubelet } : {}),
  };
}

async function observeKubeletSocket(host: Host, processes: readonly HostProcess[]): Promise<string | undefined> {
  const process = kubelet(processes);
  if (!process) return undefined;
  const configPath = flag(process.argv, ['config']);
  const config = configPath === undefined ? undefined : await host.read(configPath);
  return kubeletSocket(process.argv, new TextDecoder().decode(config));
}

/** What the configs say, for every CRI-O whose flags do not. */
async function observeCrioSockets(host: Host, processes: readonly HostProcess[]): Promise<Map<number, string>> {
  const sockets = new Map<number, string>();
  for (const { pid, argv } of processes) {
    if (!argv[0]?.endsWith('crio') || flag(argv, ['listen']) !== undefined) continue;
    const reading = await readCrioFiles(host, crioPaths(argv));
    const socket = reading.kind === 'Read' ? crioSocket(reading.files) : undefined;
    if (socket !== undefined) sockets.set(pid, socket);
  }
  return sockets;
}

function socketIn({ kind, socketFlag }: EngineProcess<HostProcess>, config: TreeReading): string {
  // Of a cri-dockerd whose socket systemd hands over, the flag only says that.
  if (socketFlag?.startsWith('/')) return socketFlag;
  if (kind === 'cri-o') return defaultCrioSocket;
  if (kind === 'docker') return '/run/cri-dockerd.sock';
  return (config.kind === 'Read' && configuredSocket(config.tree)) || defaultContainerdSocket;
}

/** *Source*: schema 4 moved `[grpc]` into a plugin; the last file that says something counts. */
function configuredSocket(tree: ConfigTree): string | undefined {
  const addresses = filesOf(tree).map(
    ({ table }) =>
      tableAt(table, 'plugins', 'io.containerd.server.v1.grpc')['address'] ?? tableAt(table, 'grpc')['address'],
  );
  const address = addresses.findLast((value) => typeof value === 'string' && value !== '');
  return typeof address === 'string' ? address : undefined;
}
