// Brings up the cluster of the e2e tests before the first and takes it away after the last. It deploys nothing on it.
import type { TestProject } from 'vitest/node';
import { clusterDown } from '../../hack/cluster/cluster-down.ts';
import { clusterUp } from '../../hack/cluster/cluster-up.ts';
import { progress } from '../../hack/progress.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Name of the cluster, for what works on its nodes. */
    cluster: string;
    /** Path of its kubeconfig, whose user may do everything. */
    kubeconfig: string;
  }
}

const name = process.env['CLUSTER'] || 'bulkhead-e2e';
const say = progress('e2e');

/** A cluster that was up before stays, and so does any with `KEEP=1`: the next run uses it again. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const nodeImage = process.env['NODE_IMAGE'] || 'auto';
  try {
    const { kubeconfig, wasUp } = await clusterUp({ name, workers: 2, nodeImage, say });
    project.provide('cluster', name);
    project.provide('kubeconfig', kubeconfig);
    return wasUp ? async () => {} : takeAway;
  } catch (error) {
    await takeAway();
    throw error;
  }
}

async function takeAway(): Promise<void> {
  if (process.env['KEEP'] === '1') say(`cluster ${name} stays; take it away by make down CLUSTER=${name}`);
  else await clusterDown(name, say);
}
