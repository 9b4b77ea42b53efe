// Which nodes a SandboxRuntime is for; whether a node can take it is the preflight's business.
import type { SandboxRuntimeSpec, Toleration } from '../../crds/sandbox-runtime.ts';
import type { ObservedNode, Taint } from './observe-node.ts';

/** Taints that Kubernetes sets by itself for a while, e.g. not-ready, disk-pressure, unschedulable. */
const conditionTaint = /^node\.kubernetes\.io\//;

/** Whether the node's own properties put it in the spec's scope, whatever its taints are. */
export function isSelected(node: ObservedNode, nodes: SandboxRuntimeSpec['nodes']): boolean {
  const selector = Object.entries(nodes?.selector ?? {});
  return node.os === 'linux' && selector.every(([key, value]) => node.labels[key] === value);
}

/**
 * Whether a node that does not have the runtime yet may get it. A taint that comes later takes nothing away: taints
 * come and go with maintenance, and a removal restarts the container engine.
 */
export function isWelcome(node: ObservedNode, nodes: SandboxRuntimeSpec['nodes']): boolean {
  return isSelected(node, nodes) && node.taints.every((taint) => isHarmless(taint, nodes?.tolerations ?? []));
}

function isHarmless(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === 'PreferNoSchedule' || conditionTaint.test(taint.key)) return true;
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** *Source*: Kubernetes `Toleration.ToleratesTaint`. */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '');
}
