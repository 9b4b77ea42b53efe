// One SandboxRuntime: its DaemonSets, RuntimeClasses, the node labels that open gates, the pods made again, its status.
import {
  fieldManagers,
  installDaemonSet,
  planDaemonSet,
  removeDaemonSet,
  runtimeLabel,
  verifyDaemonSet,
} from '../../crds/names.ts';
import { runtimeEvents } from '../plan/events.ts';
import type { ObservedRuntime } from '../plan/observe-runtime.ts';
import { isPlanning } from '../plan/preview.ts';
import type { InvalidSpec } from '../plan/invalid-spec.ts';
import type { Wanted } from '../plan/resolve.ts';
import { canonical } from '../plan/revision.ts';
import { planRollout, type RolloutPlan, type Target } from '../plan/rollout.ts';
import { runtimeStatusOf } from '../plan/runtime-status.ts';
import type { NodeView } from '../plan/survey.ts';
import { event } from '../render/event.ts';
import { installOn, planOn, removeOn, verifyOn } from '../render/node-daemon-set.ts';
import { runtimeOwner } from '../render/owner.ts';
import { finalizerOf, nodeLabels, runtimeStatus } from '../render/partial-objects.ts';
import { removeTask } from '../render/remove-task.ts';
import { runtimeClass } from '../render/runtime-class.ts';
import { type Action, awaitChange, type Context, timeOf } from './context.ts';
import { type Resolved, resolveAll, viewsOf } from './gather.ts';

/**
 * *Guarantees*: may be cut off anywhere and run again. Classes and handler labels go before anything on a node changes;
 * the finalizer goes last.
 */
export async function reconcileRuntime(name: string, context: Context): Promise<Action> {
  const subject = resolveAll(context).find(({ runtime }) => runtime.name === name);
  if (!subject) return awaitChange;
  const { runtime, resolved } = subject;
  // Ours to finish only while our finalizer is on it; the rest goes by owner reference.
  if (runtime.deleting && !runtime.held) return awaitChange;
  const views = viewsOf(subject, context);
  if (runtime.deleting && views.length === 0) return letGo(subject, context);

  if (resolved.kind === 'Wanted' && !runtime.held) await hold(subject, true, context);
  await applyClasses(subject, context);
  await applyDaemonSets(subject, views, context);
  const plan = planFor(subject, views, context);
  await applyPlan(name, plan, context);
  await forgetOthers(name, views, context);
  await applyStatus(subject, views, context);
  return plan.wakeAtMs === undefined ? awaitChange : { requeueAfterMs: Math.max(0, plan.wakeAtMs - context.nowMs()) };
}

async function letGo(subject: Resolved, context: Context): Promise<Action> {
  const { name } = subject.runtime;
  await applyClasses(subject, context);
  await forgetOthers(name, [], context);
  for (const each of [planDaemonSet, installDaemonSet, verifyDaemonSet, removeDaemonSet]) {
    await removeDaemonSetNamed(each(name), context);
  }
  await hold(subject, false, context);
  return awaitChange;
}

async function hold({ runtime }: Resolved, held: boolean, { writer }: Context): Promise<void> {
  await writer.apply('runtimes', finalizerOf(runtime, held), { fieldManager: fieldManagers.finalizer });
}

async function applyClasses({ runtime, resolved }: Resolved, { cluster, writer }: Context): Promise<void> {
  if ((resolved.kind === 'InvalidSpec' && !runtime.deleting) || isPlanning(runtime, resolved)) return;
  const classes = runtime.deleting || resolved.kind === 'InvalidSpec' ? [] : resolved.classes;
  const isWanted = (name: string, handler: string) =>
    classes.some((each) => each.name === name && each.handler === handler);
  const ours = cluster.runtimeClasses.list().filter(({ labels }) => labels[runtimeLabel] === runtime.name);
  // A handler cannot be changed, so such a class is made anew.
  for (const { name, uid } of ours.filter((each) => !isWanted(each.name, each.handler))) {
    await writer.remove('runtimeClasses', name, uid);
  }
  for (const each of classes) await writer.ensure('runtimeClasses', runtimeClass(each, runtimeOwner(runtime)));
}

async function applyDaemonSets(
  { runtime, resolved }: Resolved,
  views: readonly NodeView[],
  context: Context,
): Promise<void> {
  const { writer, settings, hash } = context;
  const owner = runtimeOwner(runtime);
  if (resolved.kind === 'Wanted' && !runtime.deleting && isAcceptable(resolved, views)) {
    const bring = isPlanning(runtime, resolved) ? planOn : installOn;
    const { payloadImage, payloadVolume } = resolved;
    const images = { ...settings, payloadImage, payloadVolume };
    await writer.ensure('daemonSets', bring(images, resolved.task, owner));
  }
  if (!isPlanning(runtime, resolved)) await removeDaemonSetNamed(planDaemonSet(runtime.name), context);
  if (isChecked(runtime, resolved)) await writer.ensure('daemonSets', verifyOn(settings, resolved.task, owner));
  else await removeDaemonSetNamed(verifyDaemonSet(runtime.name), context);
  const leaving = views.some(
    ({ claim, situation }) => claim.kind === 'Unwanted' || (situation.kind !== 'Absent' && situation.job === 'remove'),
  );
  if (!leaving) return removeDaemonSetNamed(removeDaemonSet(runtime.name), context);
  const task = removeTask(runtime, resolved, settings.installerImage, hash);
  await writer.ensure('daemonSets', removeOn(settings, task, owner));
}

/** An API server without image volumes refuses a pod that has one; where a node can mount them, the server knows them. */
function isAcceptable({ payloadVolume }: Wanted, views: readonly NodeView[]): boolean {
  return payloadVolume === undefined || views.some(({ claim }) => claim.kind === 'Wanted');
}

async function removeDaemonSetNamed(name: string, { cluster, writer }: Context): Promise<void> {
  const daemonSet = cluster.daemonSets.get(name);
  if (daemonSet) await writer.remove('daemonSets', name, daemonSet.uid);
}

function planFor({ runtime, resolved }: Resolved, views: readonly NodeView[], context: Context): RolloutPlan {
  const { cluster, settings, hash, nowMs } = context;
  const target = (name: string, revision: string): Target => ({
    revision,
    inPlace: cluster.daemonSets.get(name)?.inPlace === revision,
  });
  const planning = isPlanning(runtime, resolved);
  const wanted = resolved.kind === 'Wanted' && !runtime.deleting ? resolved : undefined;
  const removal = removeTask(runtime, resolved, settings.installerImage, hash).revision;
  return planRollout({
    runtime: runtime.name,
    views,
    plan: planning ? target(planDaemonSet(runtime.name), resolved.task.revision) : undefined,
    install:
      wanted && !planning
        ? {
            ...target(installDaemonSet(runtime.name), wanted.task.revision),
            handlers: wanted.task.handlers,
            nodeLabels: wanted.nodeLabels,
          }
        : undefined,
    verify: isChecked(runtime, resolved)
      ? { ...target(verifyDaemonSet(runtime.name), resolved.task.revision), ...resolved.spec.drift }
      : undefined,
    remove: target(removeDaemonSet(runtime.name), removal),
    // Who deletes a paused runtime wants it gone.
    paused: !runtime.deleting && (planning || rolloutOf(resolved).paused),
    maxUnavailable: rolloutOf(resolved).maxUnavailable,
    nowMs: nowMs(),
  });
}

/** Whether nodes that have the runtime are looked at from time to time. */
function isChecked(runtime: ObservedRuntime, resolved: Wanted | InvalidSpec): resolved is WantedCheck {
  if (runtime.deleting || resolved.kind === 'InvalidSpec') return false;
  return resolved.spec.mode === 'Apply' && resolved.spec.drift.checkIntervalSeconds > 0;
}

type WantedCheck = Wanted & { readonly spec: { readonly mode: 'Apply' } };

function rolloutOf(resolved: Wanted | InvalidSpec) {
  return resolved.kind === 'Wanted' ? resolved.spec.rollout : { paused: false, maxUnavailable: 1 };
}

async function applyPlan(runtime: string, plan: RolloutPlan, { writer }: Context): Promise<void> {
  const fieldManager = fieldManagers.nodeLabels(runtime);
  for (const { node, labels } of plan.labels) {
    const applied = Object.fromEntries((node.applied[fieldManager] ?? []).map((key) => [key, node.labels[key]]));
    if (canonical(applied) !== canonical(labels))
      await writer.apply('nodes', nodeLabels(node, labels), { fieldManager });
  }
  for (const { name, uid } of plan.restart) await writer.remove('pods', name, uid);
}

/** Takes our labels off the nodes that have nothing to do with the runtime any more, and only had a plan. */
async function forgetOthers(runtime: string, views: readonly NodeView[], { cluster, writer }: Context): Promise<void> {
  const fieldManager = fieldManagers.nodeLabels(runtime);
  const isKnown = new Set(views.map(({ node }) => node.name));
  for (const node of cluster.nodes.list()) {
    if (isKnown.has(node.name) || (node.applied[fieldManager] ?? []).length === 0) continue;
    await writer.apply('nodes', nodeLabels(node, {}), { fieldManager });
  }
}

async function applyStatus(
  { runtime, resolved }: Resolved,
  views: readonly NodeView[],
  context: Context,
): Promise<void> {
  const now = timeOf(context.nowMs());
  const status = runtimeStatusOf(runtime, resolved, views, now);
  if (canonical(status) === canonical(runtime.status)) return;
  const options = { fieldManager: fieldManagers.status, subresource: 'status' } as const;
  await context.writer.apply('runtimes', runtimeStatus(runtime, status), options);
  const subject = { kind: 'SandboxRuntime', name: runtime.name, uid: runtime.uid } as const;
  for (const happening of runtimeEvents(runtime.status, status)) {
    await context.writer.tell(event(subject, happening, now, context.hash));
  }
}
