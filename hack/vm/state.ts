// What has to be known of a cluster of node VMs to go on with it and to end it: one file per cluster in the cache.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inCache } from '../cache.ts';
import type { ProcessId } from '../docker/processes.ts';
import { withLock } from '../lock.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Credentials } from './credentials.ts';
import type { Vm } from './plan.ts';

export interface VmState {
  readonly vms: readonly Vm[];
  /** The disk with the images that its VMs have. */
  readonly store: string;
  readonly plane: ControlPlane;
  readonly credentials: Credentials;
  /** Of the control plane, in the order of their start. */
  readonly processes: readonly ProcessId[];
  /** QEMU by the VM's name; one that is off has none. */
  readonly machines: Readonly<Record<string, ProcessId>>;
  /** Everything was done, not only begun. */
  readonly ready: boolean;
}

/** Logs are kept here until the cluster is made anew. */
export const folderOf = (cluster: string): string => inCache('vm-clusters', cluster);
export const lockOf = (cluster: string): string => inCache('locks', `vm-cluster-${cluster}`);
export const kubeconfigOf = (cluster: string): string => join(folderOf(cluster), 'kubeconfig');
const stateFile = (cluster: string): string => join(folderOf(cluster), 'state.json');

export const readState = async (cluster: string): Promise<VmState | undefined> => {
  const text = await readFile(stateFile(cluster), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as VmState);
};

/** Whole or as before: who ends the cluster relies on it. */
export const writeState = async (cluster: string, state: VmState): Promise<void> => {
  await mkdir(folderOf(cluster), { recursive: true });
  const partial = `${stateFile(cluster)}.new`;
  await writeFile(partial, JSON.stringify(state), { mode: 0o600 });
  await rename(partial, stateFile(cluster));
};

/** One change after the other: VMs start at the same time, and one that was forgotten would never be ended. */
export const changeState = (cluster: string, change: (state: VmState) => VmState): Promise<void> =>
  withLock(inCache('locks', `vm-state-${cluster}`), async () => {
    const state = await readState(cluster);
    if (state === undefined) throw new Error(`Cannot change cluster ${cluster}: there is none. Run make vm-up first.`);
    await writeState(cluster, change(state));
  });
