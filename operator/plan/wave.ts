// How many more nodes may change now; does not choose them.
import type { SandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import type { NodeView } from './survey.ts';

export type MaxUnavailable = SandboxRuntimeSpec['rollout']['maxUnavailable'];

/** A node that is not ready takes a place as well: two nodes out at once is what the limit is there to prevent. */
export function freePlaces(views: readonly NodeView[], maxUnavailable: MaxUnavailable): number {
  const taken = views.filter((view) => isChanging(view) || !view.node.ready).length;
  return Math.max(0, limitOf(maxUnavailable, views.length) - taken);
}

/** Whether the node may be halfway through a change, or will be once its pod is there. */
export function isChanging({ situation }: NodeView): boolean {
  switch (situation.kind) {
    case 'Working':
      return true;
    case 'Done':
      return situation.midStep;
    case 'Absent':
    case 'Stopped':
      return false;
  }
}

/** A share is rounded down, but one node may always change. */
function limitOf(maxUnavailable: MaxUnavailable, nodes: number): number {
  if (typeof maxUnavailable === 'number') return maxUnavailable;
  return Math.max(1, Math.floor((Number.parseInt(maxUnavailable, 10) * nodes) / 100));
}
