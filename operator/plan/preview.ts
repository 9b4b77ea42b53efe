// While spec.mode is Plan: what each node's plan pod says an install would do. Nothing is changed by it.
import { changesAnything, type NodePlan, planHeadline, planText } from '../../crds/node-plan.ts';
import type { NodeReport } from '../../crds/node-report.ts';
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import type { ObservedRuntime } from './observe-runtime.ts';
import type { Trouble } from './pod-progress.ts';
import type { InvalidSpec } from './invalid-spec.ts';
import type { Wanted } from './resolve.ts';

export type Preview = {
  readonly pod?: ObservedPod;
  /** A plan of an earlier revision. */
  readonly outdated?: ObservedPod;
} & (
  | { readonly kind: 'Planning'; readonly trouble?: Trouble }
  | { readonly kind: 'Planned'; readonly plan: NodePlan }
  /** What an install would end with. */
  | { readonly kind: 'Refused'; readonly report: NodeReport }
);

type WantedPlan = Wanted & { readonly spec: { readonly mode: 'Plan' } };

export function isPlanning(runtime: ObservedRuntime, resolved: Wanted | InvalidSpec): resolved is WantedPlan {
  return !runtime.deleting && resolved.kind === 'Wanted' && resolved.spec.mode === 'Plan';
}

/** @param pods all pods of ours on one node */
export function previewOf(runtime: string, revision: string, pods: readonly ObservedPod[]): Preview {
  const ours = pods.filter((pod) => pod.job === 'plan' && pod.runtime === runtime && !pod.leaving);
  const outdated = ours.find((pod) => pod.revision !== revision);
  const pod = ours.find((each) => each.revision === revision);
  if (!pod) return { kind: 'Planning', ...(outdated && { outdated }) };
  const { progress } = pod;
  switch (progress.kind) {
    case 'Pending':
      return { kind: 'Planning', pod, ...(progress.trouble && { trouble: progress.trouble }) };
    case 'Running':
      return { kind: 'Planning', pod };
    case 'Crashed':
      return { kind: 'Planning', pod, trouble: { reason: 'StepCrashed', message: progress.message } };
    case 'Stopped':
      return { kind: 'Refused', pod, report: progress.report };
    case 'Succeeded': {
      const plan = progress.reports.find((report) => report.plan)?.plan;
      const trouble = { reason: 'ReportUnreadable', message: 'The report of the plan pod has no plan in it.' };
      return plan ? { kind: 'Planned', pod, plan } : { kind: 'Planning', pod, trouble };
    }
  }
}

/** For a node that has nothing of the runtime. */
export function previewFields(preview: Preview): Pick<NodeRuntime, 'phase' | 'reason' | 'message' | 'plan'> {
  switch (preview.kind) {
    case 'Planning':
      return { phase: preview.pod ? 'Preflight' : 'Waiting', ...preview.trouble };
    case 'Planned':
      return { phase: 'Planned', message: planHeadline(preview.plan), plan: planText(preview.plan) };
    case 'Refused': {
      const { outcome, step, reason, message, hint } = preview.report;
      const told = Object.fromEntries(Object.entries({ step, reason, message, hint }).filter(([, value]) => value));
      return { phase: outcome === 'ineligible' ? 'Ineligible' : 'Failed', ...told };
    }
  }
}

/** For a node that has the runtime, and keeps it as it is. */
export function previewText(preview: Preview): string | undefined {
  switch (preview.kind) {
    case 'Planning':
      return undefined;
    case 'Planned':
      return planText(preview.plan);
    case 'Refused':
      return `Cannot be done. ${[preview.report.message, preview.report.hint].filter((part) => part).join(' ')}`;
  }
}

export type PlanCounts = { planned: number; changing: number; restarting: number; refused: number; pending: number };

export function countPreviews(previews: readonly Preview[]): PlanCounts {
  const plans = previews.flatMap((each) => (each.kind === 'Planned' ? [each.plan] : []));
  const refused = previews.filter(({ kind }) => kind === 'Refused').length;
  return {
    planned: plans.length,
    changing: plans.filter(changesAnything).length,
    restarting: plans.filter(({ restart }) => restart !== undefined).length,
    refused,
    pending: previews.length - plans.length - refused,
  };
}
