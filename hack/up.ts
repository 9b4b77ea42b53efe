// `make up`: a cluster on this machine with the operator in it. Settings come from the environment.

import { clusterUp, type Cluster } from './cluster/cluster-up.ts';
import { progress } from './progress.ts';

const say = progress('up');

const up = async (): Promise<void> => {
  const cluster = await clusterUp({
    name: process.env['CLUSTER'] || 'bulkhead',
    workers: Number(process.env['WORKERS'] || 2),
    nodeImage: process.env['NODE_IMAGE'] || 'auto',
    say,
  });
  say(cluster.wasUp ? `cluster ${cluster.name} is up already` : `cluster ${cluster.name} is up`);
  await deployOperator(cluster);
  console.log(`\nexport KUBECONFIG=${cluster.kubeconfig}`);
};

/** What comes after the cluster; runs again on every `make up`. */
const deployOperator = async (_cluster: Cluster): Promise<void> => {};

try {
  await up();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
