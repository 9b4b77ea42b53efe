// Which kernel modules and devices a node must have for a runtime; the module for KVM depends on the CPU.
import type { VirtualizationFacts } from '../../crds/node-facts.ts';
import type { NodeNeeds } from '../../crds/node-needs.ts';

export function neededModules(
  { virtualization, modules = [] }: NodeNeeds,
  { vendor }: VirtualizationFacts,
): readonly string[] {
  const isKvmWanted = virtualization === 'Required' && (vendor === 'intel' || vendor === 'amd');
  return [...new Set([...(isKvmWanted ? [`kvm_${vendor}`] : []), ...modules])];
}

export function neededDevices({ virtualization, devices = [] }: NodeNeeds): readonly string[] {
  return [...new Set([...(virtualization === 'Required' ? ['/dev/kvm'] : []), ...devices])];
}
