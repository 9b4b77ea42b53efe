// When a node has to be probed again: its kernel or engine is another than when it was probed.
import type { ObservedNode } from './observe-node.ts';
import type { ObservedPod } from './observe-pod.ts';

export type ProbeAction =
  | { readonly kind: 'None' }
  /** Note what the node looked like when it was probed. */
  | { readonly kind: 'Mark'; readonly pod: ObservedPod; readonly probed: string }
  /** Delete the pod, so that its DaemonSet makes it again. */
  | { readonly kind: 'Restart'; readonly pod: ObservedPod };

/** *Source*: kubelet's node status has this for a version while its engine does not answer, as during a restart. */
const unknownEngine = '://Unknown';

/** A reboot needs nothing: kubelet then runs the init container again by itself. */
export function probeActionOf(node: ObservedNode, pods: readonly ObservedPod[], revision: string): ProbeAction {
  const pod = pods.find(({ job, leaving }) => job === 'probe' && !leaving);
  if (!pod || pod.progress.kind === 'Running' || pod.progress.kind === 'Pending') return { kind: 'None' };
  if (node.engine.endsWith(unknownEngine)) return { kind: 'None' };
  const probed = `${node.kernel} ${node.engine}`;
  if (pod.revision !== revision) return { kind: 'Restart', pod };
  if (pod.probed === undefined) return { kind: 'Mark', pod, probed };
  return pod.probed === probed ? { kind: 'None' } : { kind: 'Restart', pod };
}
