// Says what a runtime needs of a node and the node has not, in numbers. It measures and changes nothing.
import type { NodeFacts } from '../../crds/node-facts.ts';
import type { NodeNeeds } from '../../crds/node-needs.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { isVersionSince } from '../../runtime/needs.ts';
import { neededDevices, neededModules } from './kernel-needs.ts';
import type { Supplies } from './observe-supplies.ts';
import { refuse, type Refusal } from './step.ts';

export type NeedsContext = {
  readonly task: Pick<NodeTask, 'family' | 'needs'>;
  readonly facts: NodeFacts;
  readonly supplies: Supplies;
  /** Modules can be loaded, and kept loaded. */
  readonly mayLoad: boolean;
};

const leaveOut = 'or keep the node out by spec.nodes.selector.';

/** What cannot be mended by anybody comes first, then what can be loaded, then what there is too little of. */
export function refuseNeeds(context: NeedsContext): Refusal | undefined {
  return (
    refuseVirtualization(context) ??
    refuseCpu(context) ??
    refuseKernel(context) ??
    refuseCgroups(context) ??
    refuseModules(context) ??
    refuseDevices(context)
  );
}

/** For a node that does not have the runtime yet: one that has may have given its memory to sandboxes. */
export function refuseMemory({ task: { family, needs }, supplies }: NeedsContext): Refusal | undefined {
  const { memoryAvailableBytes: available, sharedMemoryBytes: shared } = supplies;
  const { memoryBytes = 0, sharedMemoryBytes = 0 } = needs;
  if (available !== undefined && available < memoryBytes) {
    const message = `Cannot run ${family} in the node's memory: ${missing(memoryBytes, available, 'available')}.`;
    return refuse('ineligible', 'TooLittleMemory', message, `Free memory on the node, ${leaveOut}`);
  }
  if (shared >= sharedMemoryBytes) return undefined;
  const message = `Cannot keep the guest memory of ${family} in /dev/shm: ${missing(sharedMemoryBytes, shared, 'its size')}.`;
  const hint = `Mount /dev/shm with size=${sharedMemoryBytes} or more, ${leaveOut}`;
  return refuse('ineligible', 'TooLittleSharedMemory', message, hint);
}

/** The modules that the node must have loaded, with the one for KVM where it is the CPU that decides which. */
function refuseVirtualization({ task: { family, needs }, facts, supplies, mayLoad }: NeedsContext) {
  const { virtualization } = facts;
  if (needs.virtualization !== 'Required' || virtualization.usable) return undefined;
  const vendor = virtualization.vendor;
  const comesWithModule =
    supplies.devices.get('/dev/kvm') === false && supplies.modules.get(`kvm_${vendor}`) === 'Loadable';
  if (mayLoad && vendor !== undefined && comesWithModule) return undefined;
  const message = `Cannot run ${family} without hardware virtualization: ${lowerFirst(virtualization.reason ?? 'KVM is not usable.')}`;
  return refuse('ineligible', 'NoVirtualization', message, `Turn on virtualization for the node, ${leaveOut}`);
}

function refuseCpu({ task: { family, needs }, supplies }: NeedsContext): Refusal | undefined {
  const lacking = (needs.cpuFlags ?? []).filter((flag) => !supplies.cpuFlags.has(flag));
  if (lacking.length === 0) return undefined;
  const message = `Cannot run ${family} on this CPU: it does not show ${lacking.join(', ')}.`;
  return refuse(
    'ineligible',
    'CpuFlagMissing',
    message,
    `Turn it on in the firmware or the virtual machine, ${leaveOut}`,
  );
}

function refuseKernel({ task: { family, needs }, supplies: { kernel } }: NeedsContext): Refusal | undefined {
  if (needs.minKernel === undefined || isVersionSince(kernel, needs.minKernel)) return undefined;
  const message = `Cannot run ${family} on the kernel ${kernel}: it needs ${needs.minKernel} or later.`;
  return refuse('ineligible', 'KernelTooOld', message, `Upgrade the node, ${leaveOut}`);
}

function refuseCgroups({ task: { family, needs }, facts: { cgroupVersion } }: NeedsContext): Refusal | undefined {
  if (needs.cgroupVersion === undefined || needs.cgroupVersion === cgroupVersion) return undefined;
  const message = `Cannot run ${family} with cgroup v${cgroupVersion}: it needs cgroup v${needs.cgroupVersion}.`;
  const hint = `Boot the node with systemd.unified_cgroup_hierarchy=${needs.cgroupVersion - 1}, ${leaveOut}`;
  return refuse('ineligible', 'WrongCgroupVersion', message, hint);
}

function refuseModules({ task: { family, needs }, facts, supplies, mayLoad }: NeedsContext): Refusal | undefined {
  for (const name of neededModules(needs, facts.virtualization)) {
    const state = supplies.modules.get(name);
    const cannot = `Cannot run ${family} without the kernel module ${name}`;
    if (state === 'Absent') {
      const message = `${cannot}: it is neither in the kernel ${supplies.kernel} nor under /lib/modules/${supplies.kernel}.`;
      return refuse(
        'ineligible',
        'ModuleMissing',
        message,
        `Install the package with the kernel's further modules, ${leaveOut}`,
      );
    }
    if (state !== 'Loadable') continue;
    if (!mayLoad) {
      const message = `${cannot}: it is not loaded, and the host is not for us to change.`;
      return refuse('ineligible', 'ModuleMissing', message, `Have the node's image load ${name} at boot, ${leaveOut}`);
    }
    if (!supplies.locked) continue;
    const message = `${cannot}: it is not loaded, and the kernel takes no more modules until it is booted again (kernel.modules_disabled is 1).`;
    return refuse(
      'ineligible',
      'ModulesLocked',
      message,
      `Have ${name} loaded at boot, by /etc/modules-load.d, ${leaveOut}`,
    );
  }
  return undefined;
}

/** A device may come with a module that is still to be loaded; it is looked for again then. */
function refuseDevices({ task: { family, needs }, facts, supplies }: NeedsContext): Refusal | undefined {
  if (neededModules(needs, facts.virtualization).some((name) => supplies.modules.get(name) === 'Loadable'))
    return undefined;
  return refuseDevicesOf(family, needs, supplies.devices);
}

export function refuseDevicesOf(
  family: string,
  needs: NodeNeeds,
  devices: ReadonlyMap<string, boolean>,
): Refusal | undefined {
  const lacking = neededDevices(needs).filter((path) => devices.get(path) !== true);
  if (lacking.length === 0) return undefined;
  const message = `Cannot run ${family} without ${lacking.join(', ')}: the node has no such device.`;
  return refuse('ineligible', 'DeviceMissing', message, `Use a kernel that has it, ${leaveOut}`);
}

function missing(needed: number, there: number, as: string): string {
  return `${needed - there} bytes are missing (${needed} needed, ${there} ${as})`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
