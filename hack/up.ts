// `make up`: a cluster on this machine, the operator, and a sandboxed pod. Settings come from the environment.

import { clusterUp } from './cluster/cluster-up.ts';
import { countFrom } from './count-from.ts';
import { deployOperator } from './deploy/deploy-operator.ts';
import { firstLight } from './deploy/first-light.ts';
import { progress } from './progress.ts';

const say = progress('up');

const up = async (): Promise<void> => {
  const cluster = await clusterUp({
    name: process.env['CLUSTER'] || 'bulkhead',
    workers: countFrom(process.env, 'WORKERS', 2),
    nodeImage: process.env['NODE_IMAGE'] || 'auto',
    say,
  });
  say(cluster.wasUp ? `cluster ${cluster.name} is up already` : `cluster ${cluster.name} is up`);
  const images = await deployOperator(cluster, say);
  await firstLight(cluster.kubectl, images.installer, say);
  console.log(`\nexport KUBECONFIG=${cluster.kubeconfig}`);
};

try {
  await up();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
