// Every node that has to do with one SandboxRuntime: what is asked of it, where it stands, what is to be said of it.
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import { checkOf } from './check.ts';
import { isSelected, isWelcome } from './eligibility.ts';
import { type Claim, entryOf } from './node-entry.ts';
import type { ObservedNode } from './observe-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import type { ObservedRuntime } from './observe-runtime.ts';
import type { ObservedSandboxNode } from './observe-sandbox-node.ts';
import { refuseImageVolume } from './image-volumes.ts';
import { isPlanning, type Preview, previewOf } from './preview.ts';
import type { InvalidSpec } from './invalid-spec.ts';
import type { Wanted } from './resolve.ts';
import { type Situation, situationOf } from './situation.ts';

export type NodeView = {
  readonly node: ObservedNode;
  readonly claim: Claim;
  readonly situation: Situation;
  /** What the SandboxNode is to say; nothing once the runtime is off the node. */
  readonly entry: NodeRuntime | undefined;
  /** What the SandboxNode says. */
  readonly recorded: NodeRuntime | undefined;
  /** While nothing is to be changed: what would be. */
  readonly preview?: Preview | undefined;
};

export type Evidence = {
  readonly node: ObservedNode;
  /** All pods of ours on that node. */
  readonly pods: readonly ObservedPod[];
  readonly sandboxNode: ObservedSandboxNode | undefined;
};

/** The view of one node, or nothing if the runtime and the node have nothing to do with each other. */
export function viewOf(
  { node, pods, sandboxNode }: Evidence,
  runtime: ObservedRuntime,
  resolved: Wanted | InvalidSpec,
  now: string,
): NodeView | undefined {
  const situation = situationOf(node, runtime.name, pods);
  const recorded = recordedEntry(node, sandboxNode, runtime.name);
  const carries = situation.kind !== 'Absent' || recorded?.revision !== undefined;
  const claim = claimOf(node, carries, runtime, resolved);
  if (claim.kind === 'Unwanted' && !carries) return undefined;
  const preview =
    claim.kind === 'Wanted' && isPlanning(runtime, resolved)
      ? previewOf(runtime.name, resolved.task.revision, pods)
      : undefined;
  const check =
    situation.kind === 'Done' ? checkOf(runtime.name, situation.revision, pods, recorded?.check, now) : undefined;
  const entry = entryOf(runtime.name, claim, situation, recorded, now, { preview, check });
  return { node, claim, situation, entry, recorded, preview };
}

/** A SandboxNode of an earlier Node of that name says nothing about this one. */
function recordedEntry(
  node: ObservedNode,
  sandboxNode: ObservedSandboxNode | undefined,
  runtime: string,
): NodeRuntime | undefined {
  if (sandboxNode?.owner !== node.uid) return undefined;
  return sandboxNode.status.runtimes?.find(({ name }) => name === runtime);
}

function claimOf(
  node: ObservedNode,
  carries: boolean,
  runtime: ObservedRuntime,
  resolved: Wanted | InvalidSpec,
): Claim {
  if (runtime.deleting) return { kind: 'Unwanted' };
  // A spec that means nothing changes nothing.
  if (resolved.kind === 'InvalidSpec') return { kind: carries ? 'Wanted' : 'Unwanted' };
  const { nodes } = resolved.spec;
  if (!(carries ? isSelected(node, nodes) : isWelcome(node, nodes))) return { kind: 'Unwanted' };
  const noDigest = resolved.unpinned.get(node.arch);
  if (noDigest && resolved.arches.includes(node.arch)) return { kind: 'Refused', ...noDigest };
  if (resolved.arches.includes(node.arch)) {
    const noMount = resolved.payloadVolume === undefined ? undefined : refuseImageVolume(node, resolved.payloadVolume);
    return noMount ?? { kind: 'Wanted' };
  }
  const { version, task, arches } = resolved;
  return {
    kind: 'Refused',
    reason: 'WrongArchitecture',
    message: `${task.family} ${version} is not built for ${node.arch}, only for ${arches.join(', ')}.`,
    hint: 'Leave the node out with spec.nodes.selector, or choose another version.',
  };
}
