// The status of a SandboxRuntime: numbers, one word, and conditions, all from the same views that the rollout is planned by.
import { handlersFor } from '../../crds/node-task.ts';
import type { Condition } from '../../crds/condition.ts';
import type { conditionTypes, SandboxRuntimeStatus } from '../../crds/sandbox-runtime.ts';
import { conditionsOf, type Verdict } from './conditions.ts';
import type { ObservedRuntime } from './observe-runtime.ts';
import { isPlanning } from './preview.ts';
import type { InvalidSpec } from './invalid-spec.ts';
import type { Wanted } from './resolve.ts';
import type { NodeView } from './survey.ts';
import { isChanging } from './wave.ts';

export type ConditionType = (typeof conditionTypes)[number];
export type NodeCounts = NonNullable<SandboxRuntimeStatus['nodes']>;

export function runtimeStatusOf(
  runtime: ObservedRuntime,
  resolved: Wanted | InvalidSpec,
  views: readonly NodeView[],
  now: string,
): SandboxRuntimeStatus {
  const nodes = countNodes(views, resolved);
  const verdicts = conditionsOf(runtime, resolved, views, nodes);
  return {
    observedGeneration: runtime.generation,
    ...(resolved.kind === 'Wanted' && { revision: resolved.task.revision, version: resolved.version }),
    ready: `${nodes.ready}/${nodes.eligible}`,
    summary: summaryOf(runtime, resolved, verdicts),
    nodes,
    handlers: resolved.kind === 'Wanted' ? handlersOf(resolved, views) : [],
    conditions: verdicts.map((verdict) => timed(verdict, runtime, now)),
  };
}

function countNodes(views: readonly NodeView[], resolved: Wanted | InvalidSpec): NodeCounts {
  const count = (matches: (view: NodeView) => boolean) => views.filter(matches).length;
  const inPhase = (...phases: string[]) => count(({ entry }) => entry !== undefined && phases.includes(entry.phase));
  const wanted = resolved.kind === 'Wanted' ? resolved.task.revision : undefined;
  return {
    eligible: count(({ claim, entry }) => claim.kind === 'Wanted' && entry?.phase !== 'Ineligible'),
    ready: count(isReady),
    changing: count(isChanging),
    failed: inPhase('Failed', 'RolledBack', 'Blocked'),
    skipped: inPhase('Ineligible'),
    outdated: count(({ claim, entry }) => isOutdated(claim.kind, entry?.revision, wanted)),
  };
}

function isOutdated(claim: string, revision: string | undefined, wanted: string | undefined): boolean {
  return claim === 'Wanted' && wanted !== undefined && revision !== undefined && revision !== wanted;
}

function handlersOf({ task, classes }: Wanted, views: readonly NodeView[]): SandboxRuntimeStatus['handlers'] {
  const ready = views.filter(isReady);
  return task.handlers.map((handler) => ({
    name: handler.name,
    runtimeClass: classes.find((each) => each.handler === handler.name)?.name ?? '',
    nodesReady: ready.filter(({ node }) => handlersFor([handler], node.arch).length > 0).length,
  }));
}

function isReady({ claim, entry }: NodeView): boolean {
  return claim.kind === 'Wanted' && entry?.phase === 'Ready';
}

function summaryOf(runtime: ObservedRuntime, resolved: Wanted | InvalidSpec, verdicts: readonly Verdict[]): string {
  const holds = (type: ConditionType) => verdicts.some((verdict) => verdict.type === type && verdict.status === 'True');
  if (runtime.deleting) return holds('RemovalBlocked') ? 'RemovalBlocked' : 'Removing';
  if (resolved.kind === 'InvalidSpec') return resolved.reason;
  if (isPlanning(runtime, resolved)) return holds('Planned') ? 'Planned' : 'Planning';
  const first = (['RemovalBlocked', 'Paused', 'Degraded', 'Progressing', 'Ready'] as const).find(holds);
  return first ?? verdicts.find(({ type }) => type === 'Ready')?.reason ?? 'Unknown';
}

function timed(verdict: Verdict, runtime: ObservedRuntime, now: string): Condition<ConditionType> {
  const before = runtime.status.conditions?.find(({ type }) => type === verdict.type);
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : now;
  return { ...verdict, observedGeneration: runtime.generation, lastTransitionTime };
}
