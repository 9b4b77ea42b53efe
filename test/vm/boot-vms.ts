// Boots the node VM of a test project, with the operator on it, before its first test and ends it after its last.
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { progress } from '../../hack/progress.ts';
import { vmClusterDown } from '../../hack/vm/cluster-down.ts';
import { type OperatorOnVms, operatorOnVms } from '../../hack/vm/operator-on-vms.ts';
import { whenGone } from '../../hack/when-gone.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the cluster of node VMs. */
    vmCluster: string;
  }
}

const say = progress('vm');
const vmDown = [process.execPath, join(import.meta.dirname, '../../hack/vm-down.ts')];

/** A cluster that was up before stays, and so does any with `KEEP=1`: the next run uses it again. */
export async function bootVms(
  project: TestProject,
  options: Omit<OperatorOnVms, 'count' | 'say'>,
): Promise<() => Promise<void>> {
  const { name } = options;
  // A VM under emulation that nobody ends would have the machine's CPUs for good.
  const takeBack = process.env['KEEP'] === '1' ? () => {} : whenGone(vmDown, { CLUSTER: name });
  const end = async (): Promise<void> => {
    await takeAway(name);
    takeBack();
  };
  try {
    const { wasUp } = await operatorOnVms({ ...options, count: 1, say });
    project.provide('vmCluster', name);
    if (!wasUp) return end;
    takeBack();
    return async () => {};
  } catch (error) {
    await end();
    throw error;
  }
}

async function takeAway(name: string): Promise<void> {
  if (process.env['KEEP'] === '1') say(`the node VM of ${name} stays; end it by make vm-down CLUSTER=${name}`);
  else await vmClusterDown(name, say);
}
