// `make down`: takes away the cluster that `make up` made, and our own Docker if one was started.

import { clusterDown } from './cluster/cluster-down.ts';
import { progress } from './progress.ts';

const say = progress('down');
const name = process.env['CLUSTER'] || 'bulkhead';

try {
  await clusterDown(name, say);
  say(`cluster ${name} is gone`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
