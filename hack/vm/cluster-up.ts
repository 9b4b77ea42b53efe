// Brings up a cluster whose nodes are virtual machines, with its control plane as processes of this machine.
// It deploys nothing of the project.

import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCommands } from '../build/debian-packages.ts';
import { ensureAll } from '../build/ensure.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { isAlive, type ProcessId } from '../docker/processes.ts';
import { freePorts } from '../free-ports.ts';
import { withLock } from '../lock.ts';
import { timed, type Say } from '../progress.ts';
import { run } from '../run.ts';
import { endCluster } from './cluster-down.ts';
import { authorityFile, startApi, startControllers, type ControlPlane } from './control-plane.ts';
import { makeCredentials } from './credentials.ts';
import { admitNode } from './admit-node.ts';
import { nodeVm, seedFile, storeFile, type NodeVm } from './node-vm.ts';
import { vmAt, type Vm } from './plan.ts';
import { writeSeedDisk } from './seed-disk.ts';
import { ensureStore } from './store.ts';
import { kubeconfig, seedFiles } from './seed.ts';
import { changeState, folderOf, kubeconfigOf, lockOf, readState, writeState, type VmState } from './state.ts';

export interface VmCluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly kubectl: Kubectl;
  readonly vms: readonly NodeVm[];
  /** It was up before. */
  readonly wasUp: boolean;
}

export interface VmClusterOptions {
  readonly name: string;
  readonly count: number;
  /** Tars of the images that its nodes have. */
  readonly tars: readonly string[];
  readonly say: Say;
  /** Of each VM. A cluster that is up keeps what it has. */
  readonly memoryMiB?: number;
}

const artifactNames = ['kubernetes', 'etcd', 'qemu', 'vm-image'] as const;
type Programs = Readonly<Record<(typeof artifactNames)[number], string>>;
type Artifacts = Programs & { readonly store: string };

/** A cluster that is up is left as it is, but for VMs that are off; one that was only begun, or with other images, is made anew. */
export const vmClusterUp = (options: VmClusterOptions): Promise<VmCluster> =>
  withLock(
    lockOf(options.name),
    () => upLocked(options),
    () => options.say('another process is at this cluster, waiting'),
  );

const upLocked = async (options: VmClusterOptions): Promise<VmCluster> => {
  const { name, count, tars, say } = options;
  await ensureCommands({ ssh: 'openssh-client' }, say);
  const artifacts = { ...(await ensureAll(artifactNames, say)), store: await ensureStore(tars, say) };
  const before = await readState(name);
  const fits = before?.ready === true && before.vms.length === count && before.store === artifacts.store;
  const wasUp = fits && (await areAlive(before.processes));
  if (before !== undefined && !wasUp) await endCluster(name, say);
  const state = wasUp ? before : await create(options, artifacts);
  const cluster = { ...clusterOf(name, state, artifacts, say), wasUp };
  await timed(say, `booting ${state.vms.map((vm) => vm.name).join(' and ')}, under emulation`, () =>
    bootAll(cluster, state.vms),
  );
  await changeState(name, (now) => ({ ...now, ready: true }));
  return cluster;
};

/** One that is up, for who only works on it: whatever has been changed here since, it stays as it was made. */
export const openVmCluster = async (name: string, say: Say): Promise<VmCluster> => {
  const state = await readState(name);
  if (state?.ready !== true) throw new Error(`Cannot open cluster ${name}: it is not up. Run make vm-up first.`);
  return { ...clusterOf(name, state, await ensureAll(artifactNames, say), say), wasUp: true };
};

const clusterOf = (name: string, { vms }: VmState, artifacts: Programs, say: Say): Omit<VmCluster, 'wasUp'> => ({
  name,
  kubeconfig: kubeconfigOf(name),
  kubectl: kubectlOf(artifacts, kubeconfigOf(name)),
  vms: vms.map((vm) => nodeVm(name, vm, artifacts, say)),
});

const areAlive = async (processes: readonly ProcessId[]): Promise<boolean> =>
  (await Promise.all(processes.map(isAlive))).every(Boolean);

const create = async ({ name, count, say, memoryMiB }: VmClusterOptions, artifacts: Artifacts): Promise<VmState> => {
  const folder = folderOf(name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const free = await freePorts(6 + 2 * count);
  const [api = 0, etcd = 0, etcdPeer = 0, controllers = 0, scheduler = 0, meetingPort = 0, ...rest] = free;
  const vms = Array.from({ length: count }, (_, index) =>
    vmAt(index, { sshPort: rest[2 * index]!, kubeletPort: rest[2 * index + 1]!, meetingPort }, memoryMiB),
  );
  // Whatever becomes of the one in the cache, which keeps few.
  await link(artifacts.store, storeFile(name));
  const nodes = vms.map((vm) => vm.name);
  const credentials = await makeCredentials(folder, nodes, say);
  const plane: ControlPlane = {
    folder,
    programs: { kubernetes: artifacts.kubernetes, etcd: artifacts.etcd },
    ports: { api, etcd, etcdPeer, controllers, scheduler },
    adminToken: credentials.adminToken,
  };
  const state = { vms, store: artifacts.store, plane, credentials, processes: [], machines: {}, ready: false };
  await writeState(name, state);
  await timed(say, 'starting the control plane', () => startPlane(name, state));
  return state;
};

const startPlane = async (name: string, { vms, plane, credentials }: VmState): Promise<void> => {
  const started = (process: ProcessId): Promise<void> =>
    changeState(name, (now) => ({ ...now, processes: [...now.processes, process] }));
  await startApi(plane, started);
  const api = { port: plane.ports.api, authority: await readFile(authorityFile(plane.folder), 'utf8') };
  await writeFile(kubeconfigOf(name), kubeconfig(api, '127.0.0.1', credentials.adminToken), { mode: 0o600 });
  await startControllers(plane, kubeconfigOf(name), started);
  for (const vm of vms) {
    const nodeToken = credentials.nodeTokens[vm.name] ?? '';
    await writeSeedDisk(seedFile(name, vm), { files: seedFiles(vm, vms, { ...credentials, api, nodeToken }) });
  }
};

const bootAll = async ({ vms, kubectl }: VmCluster, plans: readonly Vm[]): Promise<void> => {
  await Promise.all(vms.map((vm) => vm.powerOn()));
  await Promise.all(plans.map((vm) => admitNode(vm, kubectl)));
};

const kubectlOf =
  ({ kubernetes }: Programs, config: string): Kubectl =>
  (args, input) =>
    run([join(kubernetes, 'kubectl'), '--kubeconfig', config, ...args], input === undefined ? {} : { input });
