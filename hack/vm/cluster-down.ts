// Ends a cluster of node VMs: the machines, then the control plane, each by its recorded process, and their disks.

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { killProcess, stopProcess } from '../docker/processes.ts';
import { withLock } from '../lock.ts';
import type { Say } from '../progress.ts';
import { folderOf, lockOf, readState } from './state.ts';

export const vmClusterDown = (name: string, say: Say): Promise<void> =>
  withLock(lockOf(name), () => endCluster(name, say));

/** For who holds the lock. Logs stay until the next one of the name. */
export const endCluster = async (name: string, say: Say): Promise<void> => {
  const state = await readState(name);
  if (state === undefined) return;
  for (const machine of Object.values(state.machines)) await killProcess(machine);
  for (const process of state.processes.toReversed()) await stopProcess(process);
  const folder = folderOf(name);
  const left = (await readdir(folder)).filter((file) => !file.endsWith('.log'));
  await Promise.all(left.map((file) => rm(join(folder, file), { recursive: true })));
  say(`node VMs of ${name} are gone; their consoles are in ${folder}`);
};
