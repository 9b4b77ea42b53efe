// Which nodes change next: whose gate opens, whose pod is made again, who only waits; touches nothing.
import { handlerLabel, handlerReady, installGate, planGate, removeGate, verifyGate } from '../../crds/names.ts';
import { type DriftSpec, isCheckable, isToPutRight, nextCheckMs } from './check.ts';
import type { ObservedNode } from './observe-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import { retryAtMs } from './retry.ts';
import type { Wanted } from './resolve.ts';
import { handlersOn, othersOn } from './situation.ts';
import { handlersFor, type NodeTask } from '../../crds/node-task.ts';
import type { NodeView } from './survey.ts';
import { freePlaces, isChanging, type MaxUnavailable } from './wave.ts';

export type Target = {
  /** A DaemonSet controller has seen the pod template of this revision, so that no pod of an older one is made. */
  readonly inPlace: boolean;
  readonly revision: string;
};

export type RolloutInput = {
  readonly runtime: string;
  readonly views: readonly NodeView[];
  /** None while the spec is invalid or the runtime is being deleted. */
  readonly install: (Target & Pick<NodeTask, 'handlers'> & Pick<Wanted, 'nodeLabels'>) | undefined;
  readonly remove: Target;
  /** Only while nothing is to be changed. */
  readonly plan?: Target | undefined;
  /** The looks at nodes that have the runtime. */
  readonly verify?: (Target & DriftSpec) | undefined;
  /** Nothing new is started. */
  readonly paused: boolean;
  readonly maxUnavailable: MaxUnavailable;
  readonly nowMs: number;
};

export type RolloutPlan = {
  /** All labels of this runtime on each node. */
  readonly labels: readonly { readonly node: ObservedNode; readonly labels: Readonly<Record<string, string>> }[];
  /** Pods to delete, so that their DaemonSet makes them again. */
  readonly restart: readonly ObservedPod[];
  /** When something is due though nothing happens. */
  readonly wakeAtMs: number | undefined;
};

type Turn = 'Install' | 'Remove' | 'Retry' | 'Repair';

/**
 * *Guarantees*: never starts a node while as many as maxUnavailable change or are not ready; never disturbs a step that
 * runs; takes handler labels off in the same write that opens a gate.
 */
export function planRollout(input: RolloutInput): RolloutPlan {
  const turns = chooseTurns(input);
  return {
    labels: input.views.map((view) => ({ node: view.node, labels: labelsOf(view, turns.get(view), input) })),
    restart: input.views.flatMap((view) => podsToRestart(view, turns.get(view), input)),
    wakeAtMs: earliest([nextRetry(input), nextCheck(input)]),
  };
}

function chooseTurns(input: RolloutInput): ReadonlyMap<NodeView, Turn> {
  const { views, maxUnavailable } = input;
  const due = views
    .map((view) => ({ view, turn: turnDue(view, input) }))
    .filter((each): each is { view: NodeView; turn: Turn } => each.turn !== undefined)
    .toSorted((a, b) => urgency(a) - urgency(b) || (a.view.node.name < b.view.node.name ? -1 : 1));
  const free = due.filter(({ view }) => isChanging(view));
  const waiting = due.filter(({ view }) => !isChanging(view));
  const started = [...free, ...waiting.slice(0, freePlaces(views, maxUnavailable))];
  return new Map(started.map(({ view, turn }) => [view, turn]));
}

/** What the node is due for, if there is a place for it. */
function turnDue(view: NodeView, input: RolloutInput): Turn | undefined {
  const { claim, situation, node } = view;
  const target = claim.kind === 'Unwanted' ? input.remove : input.install;
  if (input.paused || !target?.inPlace || !node.ready || claim.kind === 'Refused') return undefined;
  const job = claim.kind === 'Unwanted' ? 'remove' : 'install';
  if (situation.kind !== 'Absent' && situation.midStep && !hasAdmittedItself(view, input)) return undefined;
  if (situation.kind === 'Absent' || situation.job !== job || situation.revision !== target.revision) {
    return job === 'remove' ? 'Remove' : 'Install';
  }
  if (situation.kind === 'Stopped') return view.entry && retryAtMs(view.entry) <= input.nowMs ? 'Retry' : undefined;
  return isToRepair(view, input) ? 'Repair' : undefined;
}

/** Only what is written down is put right, so that nobody misses what it was. */
function isToRepair(view: NodeView, { verify }: RolloutInput): boolean {
  return verify?.repair === true && isToPutRight(view.recorded?.check) && isCheckable(view, verify.revision);
}

/** Nodes to clean first, then nodes without a working runtime, then outdated and drifted ones, then those that failed before. */
function urgency({ view, turn }: { view: NodeView; turn: Turn }): number {
  if (turn === 'Remove') return 0;
  if (turn === 'Retry') return 3;
  return view.situation.kind === 'Done' ? 2 : 1;
}

/**
 * A pod of an outdated node was made again (reboot, eviction) and by now the template is newer: the node is changing
 * whether we like it or not, so say so.
 */
function hasAdmittedItself({ situation, claim }: NodeView, { install }: RolloutInput): boolean {
  if (claim.kind === 'Unwanted' || !install || situation.kind === 'Absent' || situation.job !== 'install') return false;
  return situation.revision !== install.revision && situation.stray?.revision === install.revision;
}

function labelsOf(view: NodeView, turn: Turn | undefined, input: RolloutInput): Record<string, string> {
  const { runtime, plan, verify } = input;
  return {
    ...jobLabels(view, turn, input),
    ...(plan && view.preview && { [planGate(runtime)]: plan.revision }),
    ...(verify && !turn && isCheckDue(view, input) && { [verifyGate(runtime)]: verify.revision }),
  };
}

function jobLabels(view: NodeView, turn: Turn | undefined, input: RolloutInput): Record<string, string> {
  const { runtime, install, remove } = input;
  const { situation, node, claim } = view;
  if (install && (turn === 'Install' || hasAdmittedItself(view, input)))
    return { [installGate(runtime)]: install.revision };
  if (install && turn === 'Repair') return { [installGate(runtime)]: install.revision };
  if (turn === 'Remove') return { [removeGate(runtime)]: remove.revision };
  if (situation.kind === 'Absent') return {};
  if (situation.job === 'remove') {
    // Off only once the SandboxNode has forgotten the runtime, or a crash in between would start the removal again.
    const over = situation.kind === 'Done' && view.recorded === undefined;
    return over ? {} : { [removeGate(runtime)]: situation.revision };
  }
  const gate = { [installGate(runtime)]: situation.revision };
  if (situation.kind !== 'Done' || claim.kind === 'Unwanted') return gate;
  const current = situation.revision === install?.revision;
  const handlers = current
    ? handlersFor(install.handlers, node.arch).map(({ name }) => handlerLabel(name))
    : handlersOn(node, runtime);
  if (handlers.length === 0) return gate;
  const others = install?.nodeLabels ?? othersOn(node, runtime);
  return { ...gate, ...others, ...Object.fromEntries(handlers.map((label) => [label, handlerReady])) };
}

function podsToRestart(view: NodeView, turn: Turn | undefined, input: RolloutInput): ObservedPod[] {
  const { situation, preview } = view;
  if (input.plan?.inPlace && preview?.outdated) return [preview.outdated];
  if (situation.kind === 'Absent') return [];
  if (turn === 'Retry' || turn === 'Repair') return situation.pod ? [situation.pod] : [];
  const target = situation.job === 'install' ? input.install : input.remove;
  const admitted = target?.inPlace && situation.revision === target.revision && !situation.midStep;
  return admitted && situation.stray ? [situation.stray] : [];
}

/** Also while the pod that looks is not done, and until what it found is written down. */
function isCheckDue(view: NodeView, { verify, nowMs }: RolloutInput): boolean {
  if (!verify?.inPlace || !isCheckable(view, verify.revision)) return false;
  const atMs = nextCheckMs(view, verify);
  return atMs !== undefined && atMs <= nowMs;
}

function nextCheck({ views, verify, nowMs }: RolloutInput): number | undefined {
  if (!verify) return undefined;
  const checkable = views.filter((view) => isCheckable(view, verify.revision));
  return earliest(checkable.map((view) => nextCheckMs(view, verify)).filter((at) => at !== undefined && at > nowMs));
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function nextRetry({ views, nowMs, paused }: RolloutInput): number | undefined {
  if (paused) return undefined;
  const stopped = views.flatMap(({ situation, entry }) => (situation.kind === 'Stopped' && entry ? [entry] : []));
  const times = stopped.map(retryAtMs).filter((at) => at > nowMs);
  return earliest(times);
}
