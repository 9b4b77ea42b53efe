// The node VM of the project `vm`.
import type { TestProject } from 'vitest/node';
import { bootVms } from './boot-vms.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  return bootVms(project, { name: process.env['CLUSTER'] || 'bulkhead-vm-e2e' });
}
