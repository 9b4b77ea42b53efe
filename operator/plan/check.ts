// The look, from time to time, at a node that has the runtime: when it is due, and what it found. It changes no node.
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import type { NodeView } from './survey.ts';

export type DriftSpec = { readonly checkIntervalSeconds: number; readonly repair: boolean };

type Check = NonNullable<NodeRuntime['check']>;

/**
 * What is to be remembered of the last look. One pod looks once: a pod that is known already says nothing new, and so
 * not what has been put right since.
 *
 * @param pods all pods of ours on that node
 */
export function checkOf(
  runtime: string,
  revision: string,
  pods: readonly ObservedPod[],
  previous: Check | undefined,
  now: string,
): Check | undefined {
  const pod = pods.find(
    (each) => each.job === 'verify' && each.runtime === runtime && each.revision === revision && !each.leaving,
  );
  const found = pod && foundBy(pod);
  if (!found || pod.name === previous?.pod) return previous;
  return { pod: pod.name, time: now, ...found };
}

/** After a repair, or while it is under way, what was found is not true any more. */
export function withoutFindings(check: Check | undefined): Check | undefined {
  return check && { pod: check.pod, time: check.time };
}

/** Whether there is something for an install to put right. */
export function isToPutRight(check: Check | undefined): boolean {
  return check?.drift !== undefined || check?.leftovers !== undefined;
}

/** Has the revision, is not changing, and what it said last is written down. */
export function isCheckable({ claim, situation, recorded }: NodeView, revision: string): boolean {
  const isInstalled = situation.kind === 'Done' && situation.job === 'install' && situation.revision === revision;
  return claim.kind === 'Wanted' && isInstalled && !situation.midStep && recorded?.phase === 'Ready';
}

/** `undefined` for never. An install ends with a look of its own. */
export function nextCheckMs({ recorded }: NodeView, { checkIntervalSeconds }: DriftSpec): number | undefined {
  if (checkIntervalSeconds === 0 || !recorded) return undefined;
  const times = [recorded.lastTransitionTime, ...(recorded.check ? [recorded.check.time] : [])];
  return Math.max(...times.map((time) => Date.parse(time))) + checkIntervalSeconds * 1000;
}

/** `undefined` until the pod has looked. */
function foundBy({ progress }: ObservedPod): Pick<Check, 'drift' | 'leftovers'> | undefined {
  if (progress.kind === 'Succeeded') {
    const leftovers = progress.reports.flatMap((report) => report.leftovers ?? []);
    return leftovers.length > 0 ? { leftovers } : {};
  }
  if (progress.kind !== 'Stopped') return undefined;
  const { drift, message, reason = 'Unknown' } = progress.report;
  return { drift: drift ?? [message ?? reason] };
}
