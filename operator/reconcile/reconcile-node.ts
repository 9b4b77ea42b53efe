// One node: its SandboxNode with facts and phases, the KVM label, and its probe. Gates and handlers are not its business.
import { fieldManagers, kvmLabel } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import { nodeEvents } from '../plan/events.ts';
import { nodeStatusOf } from '../plan/node-status.ts';
import type { ObservedNode } from '../plan/observe-node.ts';
import type { ObservedSandboxNode } from '../plan/observe-sandbox-node.ts';
import { probeActionOf } from '../plan/probe.ts';
import { canonical } from '../plan/revision.ts';
import { type Evidence, viewOf } from '../plan/survey.ts';
import { event } from '../render/event.ts';
import { nodeLabels, probedMark, sandboxNode, sandboxNodeStatus } from '../render/partial-objects.ts';
import { type Action, awaitChange, type Context, timeOf } from './context.ts';
import { evidenceOf, resolveAll } from './gather.ts';
import { probeRevision } from './reconcile-probe.ts';

export async function reconcileNode(name: string, context: Context): Promise<Action> {
  const evidence = evidenceOf(name, context);
  if (evidence?.node.os !== 'linux') return awaitChange;
  const { node, sandboxNode: object } = evidence;
  if (!object) {
    await context.writer.apply('sandboxNodes', sandboxNode(node), { fieldManager: fieldManagers.objects });
    return { requeueAfterMs: 0 };
  }
  if (object.owner !== node.uid) {
    // It is about an earlier Node of that name.
    await context.writer.remove('sandboxNodes', name, object.uid);
    return awaitChange;
  }
  const status = await applyStatus(evidence, object, context);
  await applyKvmLabel(node, status, context);
  await tendProbe(evidence, context);
  return awaitChange;
}

async function applyStatus(
  evidence: Evidence,
  object: ObservedSandboxNode,
  context: Context,
): Promise<SandboxNodeStatus> {
  const now = timeOf(context.nowMs());
  const views = resolveAll(context).map(({ runtime, resolved }) => viewOf(evidence, runtime, resolved, now));
  const entries = views.flatMap((view) => view?.entry ?? []);
  const status = nodeStatusOf(evidence.pods, entries, object.status);
  if (canonical(status) === canonical(object.status)) return status;
  const options = { fieldManager: fieldManagers.status, subresource: 'status' } as const;
  await context.writer.apply('sandboxNodes', sandboxNodeStatus(object, status), options);
  const subject = { kind: 'SandboxNode', name: object.name, uid: object.uid } as const;
  for (const happening of nodeEvents(object.status.runtimes ?? [], entries)) {
    await context.writer.tell(event(subject, happening, now, context.hash));
  }
  return status;
}

async function applyKvmLabel(node: ObservedNode, { facts }: SandboxNodeStatus, { writer }: Context): Promise<void> {
  if (!facts) return;
  const fieldManager = fieldManagers.nodeFacts;
  const labels = facts.virtualization.usable ? { [kvmLabel]: 'true' } : {};
  const applied = Object.fromEntries((node.applied[fieldManager] ?? []).map((key) => [key, node.labels[key]]));
  if (canonical(applied) !== canonical(labels)) await writer.apply('nodes', nodeLabels(node, labels), { fieldManager });
}

async function tendProbe({ node, pods }: Evidence, context: Context): Promise<void> {
  const action = probeActionOf(node, pods, probeRevision(context));
  switch (action.kind) {
    case 'None':
      return;
    case 'Mark':
      return context.writer.apply('pods', probedMark(action.pod, action.probed), {
        fieldManager: fieldManagers.nodeFacts,
      });
    case 'Restart':
      return context.writer.remove('pods', action.pod.name, action.pod.uid);
  }
}
