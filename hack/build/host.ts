// The two facts about this machine that decide how a node must be made here. It changes nothing.

import { readFile } from 'node:fs/promises';

import { exists } from '../exists.ts';

export interface Host {
  /** Without CAP_SYS_RESOURCE nothing may lower an oom_score_adj or start a container with all capabilities. */
  readonly sysResource: boolean;
  readonly cgroupV2: boolean;
}

const CAP_SYS_RESOURCE = 24n;

/** Whether the capability bounding set in the text of /proc/<pid>/status has CAP_SYS_RESOURCE. */
export const hasSysResource = (status: string): boolean => {
  const set = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (set === undefined)
    throw new Error('Cannot tell the capabilities of this machine: its status has no CapBnd line.');
  return ((BigInt(`0x${set}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
};

export const observeHost = async (): Promise<Host> => ({
  sysResource: hasSysResource(await readFile('/proc/self/status', 'utf8')),
  cgroupV2: await exists('/sys/fs/cgroup/cgroup.controllers'),
});
