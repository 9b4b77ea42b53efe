// Where a node stands with one SandboxRuntime, from its labels and its pods alone; knows nothing of what is wanted.
import { group, fieldManagers, handlerLabel, installGate, removeGate } from '../../crds/names.ts';
import type { NodeReport, NodeStep } from '../../crds/node-report.ts';
import type { ObservedNode } from './observe-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import type { Trouble } from './pod-progress.ts';

/**
 * ```
 *            gate set            all steps ok
 *   Absent ───────────▶ Working ─────────────▶ Done (installed, or removed)
 *                         │  ▲
 *         a step says no  ▼  │ pod made again
 *                       Stopped
 * ```
 * The gate labels say which job a node is at and with which revision. They survive everything, the pods do not: an
 * installed node whose pod is made again (reboot, eviction) still carries its handler labels and stays Done.
 */
export type Situation = Absent | Working | Done | Stopped;

export type Absent = { readonly kind: 'Absent' };
export type Working = At & {
  readonly kind: 'Working';
  readonly step: NodeStep;
  /** A container runs: the node may be halfway through a change. */
  readonly midStep: boolean;
  readonly trouble?: Trouble;
};
export type Done = At & {
  readonly kind: 'Done';
  /** Of the pod, if it has just ended; empty while it is made or run again. */
  readonly reports: readonly NodeReport[];
  readonly midStep: boolean;
};
export type Stopped = At & {
  readonly kind: 'Stopped';
  readonly report: NodeReport;
  readonly reports: readonly NodeReport[];
  readonly midStep: false;
};

type At = {
  readonly job: 'install' | 'remove';
  readonly revision: string;
  /** The pod with this revision. */
  readonly pod?: ObservedPod;
  /** A pod for the same job with another revision. */
  readonly stray?: ObservedPod;
};

/** @param pods all pods of ours on that node */
export function situationOf(node: ObservedNode, runtime: string, pods: readonly ObservedPod[]): Situation {
  const removal = node.labels[removeGate(runtime)];
  const revision = removal ?? node.labels[installGate(runtime)];
  if (revision === undefined) return { kind: 'Absent' };
  const job = removal === undefined ? 'install' : 'remove';
  const ours = pods.filter((pod) => pod.runtime === runtime && pod.job === job && !pod.leaving);
  const pod = ours.find((each) => each.revision === revision);
  const stray = ours.find((each) => each.revision !== revision);
  const at = { job, revision, ...(pod && { pod }), ...(stray && { stray }) } as const;
  return progress(at, carriesHandlers(node, runtime));
}

function progress(at: At, verified: boolean): Situation {
  const first = at.job === 'install' ? 'preflight' : 'remove';
  const midStep = at.stray?.progress.kind === 'Running' || at.pod?.progress.kind === 'Running';
  const unfinished = (step: NodeStep, trouble?: Trouble): Situation =>
    verified && at.job === 'install'
      ? { ...at, kind: 'Done', reports: [], midStep }
      : { ...at, kind: 'Working', step, midStep, ...(trouble && { trouble }) };
  const { pod } = at;
  if (!pod) return unfinished(first);
  switch (pod.progress.kind) {
    case 'Pending':
      return unfinished(pod.progress.step, pod.progress.trouble);
    case 'Running':
      return unfinished(pod.progress.step);
    case 'Succeeded':
      return { ...at, kind: 'Done', reports: pod.progress.reports, midStep };
    case 'Stopped':
      return { ...at, kind: 'Stopped', report: pod.progress.report, reports: pod.progress.reports, midStep: false };
    case 'Crashed':
      return { ...at, kind: 'Stopped', report: crashReport(pod.progress), reports: [], midStep: false };
  }
}

/** Labels that we applied for this runtime; another runtime's handlers are under another field manager. */
export function handlersOn(node: ObservedNode, runtime: string): string[] {
  const applied = node.applied[fieldManagers.nodeLabels(runtime)] ?? [];
  return applied.filter((label) => label.startsWith(handlerLabel('')) && node.labels[label] !== undefined);
}

/** Labels that we applied for this runtime and whose names are not ours. */
export function othersOn(node: ObservedNode, runtime: string): Record<string, string> {
  const applied = node.applied[fieldManagers.nodeLabels(runtime)] ?? [];
  const others = applied.filter((label) => !label.includes(`${group}/`));
  return Object.fromEntries(others.map((label) => [label, node.labels[label] ?? '']));
}

function carriesHandlers(node: ObservedNode, runtime: string): boolean {
  return handlersOn(node, runtime).length > 0;
}

function crashReport({ step, message }: { step: NodeStep; message: string }): NodeReport {
  const hint = `Look at the pod's log: kubectl logs -n bulkhead-system <pod> -c ${step} --previous.`;
  return { step, outcome: 'failed', reason: 'StepCrashed', message, hint, durationMs: 0, engineRestarts: 0 };
}
