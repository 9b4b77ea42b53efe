// Boots the node VM of the tests before the first and ends it after the last. It deploys nothing on it.
import type { TestProject } from 'vitest/node';
import { progress } from '../../hack/progress.ts';
import { vmClusterDown } from '../../hack/vm/cluster-down.ts';
import { vmClusterUp } from '../../hack/vm/cluster-up.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the cluster of node VMs. */
    vmCluster: string;
  }
}

const name = process.env['CLUSTER'] || 'bulkhead-vm-e2e';
const say = progress('vm');

/** A cluster that was up before stays, and so does any with `KEEP=1`: the next run uses it again. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const { wasUp } = await vmClusterUp({ name, count: 1, say });
    project.provide('vmCluster', name);
    return wasUp ? async () => {} : takeAway;
  } catch (error) {
    await takeAway();
    throw error;
  }
}

async function takeAway(): Promise<void> {
  if (process.env['KEEP'] === '1') say(`the node VM of ${name} stays; end it by make vm-down CLUSTER=${name}`);
  else await vmClusterDown(name, say);
}
