// The node VM of the project `vm-kata`; none when there is no payload to try.
import type { TestProject } from 'vitest/node';
import { bootVms } from '../vm/boot-vms.ts';
import { kataVm } from './kata-vm.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!process.env['KATA_ARCHIVES']) return async () => {};
  return bootVms(project, kataVm());
}
