// `make vm-down`: ends the node VMs that `make vm-up` booted, and their control plane.

import { progress } from './progress.ts';
import { vmClusterDown } from './vm/cluster-down.ts';

try {
  await vmClusterDown(process.env['CLUSTER'] || 'bulkhead-vms', progress('vm-down'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
