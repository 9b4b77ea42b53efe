// What a SandboxRuntime's conditions say: each a reason and one sentence that a person can act on.
import type { Condition } from '../../crds/condition.ts';
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { ObservedRuntime } from './observe-runtime.ts';
import { countPreviews, isPlanning } from './preview.ts';
import type { InvalidSpec } from './invalid-spec.ts';
import type { Wanted } from './resolve.ts';
import type { ConditionType, NodeCounts } from './runtime-status.ts';
import type { NodeView } from './survey.ts';

export type Verdict = Pick<Condition<ConditionType>, 'type' | 'status' | 'reason' | 'message'>;

export function conditionsOf(
  runtime: ObservedRuntime,
  resolved: Wanted | InvalidSpec,
  views: readonly NodeView[],
  nodes: NodeCounts,
): Verdict[] {
  return [
    ready(runtime, resolved, nodes),
    progressing(runtime, resolved, views, nodes),
    degraded(views),
    isPlanning(runtime, resolved) ? verdictOf('Paused', 'False')('PlanOnly', onlyPlanned) : paused(runtime),
    removalBlocked(runtime, views),
    ...(isPlanning(runtime, resolved) ? [planned(views)] : []),
  ];
}

function ready(runtime: ObservedRuntime, resolved: Wanted | InvalidSpec, nodes: NodeCounts): Verdict {
  const no = verdictOf('Ready', 'False');
  if (runtime.deleting) return no('Removing', 'The runtime is being removed from every node.');
  if (resolved.kind === 'InvalidSpec') return no(resolved.reason, `${resolved.message} ${resolved.hint}`);
  if (nodes.eligible === 0) return no('NoEligibleNodes', noneEligible(resolved.spec.nodes?.selector ?? {}, nodes));
  if (isPlanning(runtime, resolved) && (nodes.ready < nodes.eligible || nodes.outdated > 0))
    return no('PlanOnly', onlyPlanned);
  if (nodes.ready < nodes.eligible)
    return no('NodesNotReady', `${nodes.ready} of ${count(nodes.eligible)} have the runtime.`);
  if (nodes.outdated > 0) return no('NodesOutdated', `${count(nodes.outdated)} still have an earlier revision.`);
  const left = nodes.skipped > 0 ? ` ${count(nodes.skipped)} cannot take it; their SandboxNodes say why.` : '';
  const all = `${nodes.ready} of ${count(nodes.eligible)} verified to have the runtime.${left}`;
  return verdictOf('Ready', 'True')('AllNodesReady', all);
}

function noneEligible(selector: Readonly<Record<string, string>>, { skipped }: NodeCounts): string {
  if (skipped > 0) return `${count(skipped)} selected, and none can take the runtime; their SandboxNodes say why.`;
  const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const asked = wanted.length > 0 ? ` that carries ${wanted.join(', ')}, as spec.nodes.selector asks` : '';
  return `There is no Linux node without taints${asked}. Label nodes, or tolerate their taints in spec.nodes.tolerations.`;
}

function progressing(
  runtime: ObservedRuntime,
  resolved: Wanted | InvalidSpec,
  views: readonly NodeView[],
  nodes: NodeCounts,
): Verdict {
  const yes = verdictOf('Progressing', 'True');
  const toGo = views.filter(({ entry, claim }) => entry?.phase === 'Waiting' || claim.kind === 'Unwanted').length;
  if (runtime.deleting) return yes('Removing', `${count(views.length)} still have something of the runtime.`);
  if (resolved.kind === 'InvalidSpec') return verdictOf('Progressing', 'False')(resolved.reason, 'Nothing is changed.');
  if (isPlanning(runtime, resolved) && nodes.changing === 0) {
    return verdictOf('Progressing', 'False')('PlanOnly', onlyPlanned);
  }
  const waiting = toGo + nodes.outdated;
  if (nodes.changing === 0 && waiting === 0)
    return verdictOf('Progressing', 'False')('UpToDate', 'No node is to be changed.');
  if (nodes.changing === 0 && resolved.spec.rollout.paused) {
    return verdictOf('Progressing', 'False')('Paused', `${count(waiting)} wait.`);
  }
  return yes(
    'RollingOut',
    `${count(nodes.changing)} changing${nameChanging(views)}, ${waiting} to go.${unready(views)}`,
  );
}

function nameChanging(views: readonly NodeView[]): string {
  const names = views.filter(({ situation }) => situation.kind === 'Working').map(({ node }) => node.name);
  return names.length === 0 ? '' : ` (${list(names)})`;
}

function unready(views: readonly NodeView[]): string {
  const names = views.filter(({ node }) => !node.ready).map(({ node }) => node.name);
  return names.length === 0 ? '' : ` Not ready, so counted as unavailable: ${list(names)}.`;
}

function degraded(views: readonly NodeView[]): Verdict {
  const failed = views.filter(({ entry }) => entry?.phase === 'Failed' || entry?.phase === 'RolledBack');
  const first = failed[0]?.entry;
  if (!first) return drifted(views);
  const message = `${count(failed.length)} failed: ${list(failed.map(({ node }) => node.name))}. ${sentence(first)}`;
  return verdictOf('Degraded', 'True')(first.reason ?? 'Unknown', message);
}

function drifted(views: readonly NodeView[]): Verdict {
  const changed = views.filter(({ entry }) => entry?.check?.drift);
  const first = changed[0]?.entry;
  if (!first) return verdictOf('Degraded', 'False')('NoFailures', 'No node has failed.');
  const names = list(changed.map(({ node }) => node.name));
  return verdictOf('Degraded', 'True')(
    'Drifted',
    `${count(changed.length)} changed since: ${names}. ${sentence(first)}`,
  );
}

function paused({ parsed }: ObservedRuntime): Verdict {
  const isPaused = parsed.kind === 'Spec' && parsed.spec.rollout.paused;
  return isPaused
    ? verdictOf('Paused', 'True')('PausedBySpec', 'No further node is changed until spec.rollout.paused is false.')
    : verdictOf('Paused', 'False')('NotPaused', 'Nodes are changed as needed.');
}

function removalBlocked({ deleting }: ObservedRuntime, views: readonly NodeView[]): Verdict {
  const yes = verdictOf('RemovalBlocked', 'True');
  const leaving = views.filter(({ claim }) => claim.kind === 'Unwanted');
  const blocked = leaving.filter(({ entry }) => entry?.phase === 'Blocked');
  const first = blocked[0]?.entry;
  if (first) {
    const names = list(blocked.map(({ node }) => node.name));
    return yes(
      first.reason ?? 'Blocked',
      `${count(blocked.length)} cannot be cleaned now: ${names}. ${sentence(first)}`,
    );
  }
  const unreachable = leaving.filter(({ node }) => !node.ready).map(({ node }) => node.name);
  if (unreachable.length > 0) {
    const way = deleting ? ' Bring the node back, or delete the Node.' : '';
    return yes(
      'NodeNotReady',
      `${count(unreachable.length)} cannot be cleaned while not ready: ${list(unreachable)}.${way}`,
    );
  }
  return verdictOf('RemovalBlocked', 'False')('NotBlocked', 'Nothing keeps the runtime on a node that is to lose it.');
}

const onlyPlanned = 'Nothing is changed while spec.mode is Plan; set it to Apply to have it done.';

function planned(views: readonly NodeView[]): Verdict {
  const counts = countPreviews(views.flatMap(({ preview }) => preview ?? []));
  const { planned: done, changing, restarting, refused, pending } = counts;
  if (pending > 0) {
    const troubled = views.find(({ preview }) => preview?.kind === 'Planning' && preview.trouble);
    const trouble = troubled?.preview?.kind === 'Planning' ? troubled.preview.trouble : undefined;
    const why = trouble ? ` ${troubled?.node.name}: ${trouble.reason}: ${trouble.message}` : '';
    return verdictOf('Planned', 'False')('Planning', `${count(pending)} still to plan for.${why}`);
  }
  const restarts = restarting > 0 ? `, ${count(restarting)} with a restart of the engine` : '';
  const cannot = refused > 0 ? ` ${count(refused)} cannot take it.` : '';
  const message = `${count(changing)} of ${done} would change${restarts}.${cannot} The SandboxNodes have the plans.`;
  return verdictOf('Planned', 'True')('NodesPlanned', message);
}

function sentence({ reason, message, hint }: NodeRuntime): string {
  return [message ?? reason, hint].filter((part) => part).join(' ');
}

function verdictOf(type: ConditionType, status: 'True' | 'False') {
  return (reason: string, message: string): Verdict => ({ type, status, reason, message });
}

function count(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}

/** The first few, so that a message stays readable with a thousand nodes. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
