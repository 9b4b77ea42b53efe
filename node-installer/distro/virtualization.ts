// Judges whether guests can run on a node: a /dev/kvm that opens is not enough, since a paravirtual one opens as well.
import type { VirtualizationFacts } from '../../crds/node-facts.ts';

export type VirtualizationTraces = {
  readonly arch: string;
  readonly cpuinfo: string;
  /** What opening /dev/kvm gave; a container without the device in its allow-list is `Denied`. */
  readonly device: 'Opened' | 'Absent' | 'Denied' | 'Broken';
  readonly deviceIsThere: boolean;
};

export function virtualizationFrom(traces: VirtualizationTraces): VirtualizationFacts {
  const flags = new Set(/^flags\s*:\s*(.*)$/m.exec(traces.cpuinfo)?.[1]?.split(' '));
  const vendor = vendorOf(traces.arch, flags);
  const reason = whyUnusable(traces, vendor);
  return {
    usable: reason === undefined,
    ...(vendor ? { vendor } : {}),
    nested: flags.has('hypervisor'),
    ...(reason === undefined ? {} : { reason }),
  };
}

function vendorOf(arch: string, flags: ReadonlySet<string>): VirtualizationFacts['vendor'] {
  if (arch === 'arm64') return 'arm';
  if (flags.has('vmx')) return 'intel';
  return flags.has('svm') ? 'amd' : undefined;
}

function whyUnusable(
  { device, deviceIsThere }: VirtualizationTraces,
  vendor: VirtualizationFacts['vendor'],
): string | undefined {
  if (!vendor)
    return 'The CPU shows neither vmx nor svm: virtualization is off in the firmware, or not passed on to this virtual machine.';
  if (!deviceIsThere) return 'There is no /dev/kvm: the KVM module is not loaded.';
  return device === 'Broken' ? 'The device /dev/kvm cannot be opened.' : undefined;
}
