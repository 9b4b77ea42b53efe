// Adds up what the variants on one node need; measures nothing.
import type { NodeNeeds } from '../crds/node-needs.ts';

/** *Guarantees*: whoever meets the sum meets both; what neither needs is not in it. */
export function addNeeds(base: NodeNeeds, more: Partial<NodeNeeds>): NodeNeeds {
  const sum: NodeNeeds = {
    virtualization: stricter(base.virtualization, more.virtualization),
    devices: union(base.devices, more.devices),
    modules: union(base.modules, more.modules),
    cpuFlags: union(base.cpuFlags, more.cpuFlags),
    minKernel: newer(base.minKernel, more.minKernel),
    cgroupVersion: more.cgroupVersion ?? base.cgroupVersion,
    memoryBytes: larger(base.memoryBytes, more.memoryBytes),
    sharedMemoryBytes: larger(base.sharedMemoryBytes, more.sharedMemoryBytes),
    diskBytes: larger(base.diskBytes, more.diskBytes),
  };
  return Object.fromEntries(Object.entries(sum).filter(([, need]) => need !== undefined)) as NodeNeeds;
}

/** Whether a release such as `6.12.0-13-amd64` is at least a version such as `5.10`. */
export function isVersionSince(release: string, version: string): boolean {
  const [have, want] = [numbersOf(release), numbersOf(version)];
  const first = want.findIndex((number, i) => number !== (have[i] ?? 0));
  return first === -1 || (have[first] ?? 0) > (want[first] ?? 0);
}

/** The leading numbers alone: what follows is the vendor's. */
function numbersOf(release: string): number[] {
  return (/^\d+(\.\d+)*/.exec(release)?.[0] ?? '').split('.').map(Number);
}

function newer(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isVersionSince(a, b) ? a : b;
}

const strictness = ['Ignored', 'Preferred', 'Required'] as const;

function stricter(
  a: NodeNeeds['virtualization'],
  b: NodeNeeds['virtualization'] = 'Ignored',
): NodeNeeds['virtualization'] {
  return strictness.indexOf(a) >= strictness.indexOf(b) ? a : b;
}

function union(a: readonly string[] | undefined, b: readonly string[] | undefined): string[] | undefined {
  return a || b ? [...new Set([...(a ?? []), ...(b ?? [])])] : undefined;
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
