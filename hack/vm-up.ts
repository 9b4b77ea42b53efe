// `make vm-up`: a cluster whose nodes are virtual machines with KVM of their own, and the operator on it.

import { countFrom } from './count-from.ts';
import { progress } from './progress.ts';
import { operatorOnVms } from './vm/operator-on-vms.ts';

const say = progress('vm-up');

try {
  const cluster = await operatorOnVms({
    name: process.env['CLUSTER'] || 'bulkhead-vms',
    count: countFrom(process.env, 'VMS', 1),
    say,
  });
  say(cluster.wasUp ? `cluster ${cluster.name} is up already` : `cluster ${cluster.name} is up`);
  for (const vm of cluster.vms) say(`console of ${vm.name}: ${vm.console}`);
  console.log(`\nexport KUBECONFIG=${cluster.kubeconfig}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
