// Says why a node's engine cannot be given handlers, as the preflight reports it and the later steps ask again.
import { engineSupport } from '../engine/support.ts';
import type { CriAnswer } from '../host/host.ts';
import { engineFactsOf, type ObservedEngine } from './observe-engine.ts';
import type { ObservedNode } from './observe-node.ts';
import { refuse, type Refusal } from './step.ts';

type SilentAnswer = Extract<CriAnswer, { kind: 'Silent' }>;

const leaveOut = 'Keep the node out by spec.nodes.selector.';

export function refuseEngine({ engine, distribution }: ObservedNode): Refusal | undefined {
  if (!engine) {
    return refuse(
      'ineligible',
      'EngineNotFound',
      'Cannot find a container engine: no containerd, CRI-O or cri-dockerd runs on the node.',
      leaveOut,
    );
  }
  if (engine.obstacle)
    return refuse('ineligible', engine.obstacle.reason, engine.obstacle.message, engine.obstacle.hint);
  // Before what the distribution allows: a host that is taken as it is has to say what it has.
  if (engine.answer.kind === 'Silent') return refuseSilence(engine, engine.answer);
  const because = distribution.unwritableBecause;
  if (because !== undefined) {
    const message = `Cannot change the container engine of ${distribution.name}: ${because}.`;
    return refuse('ineligible', 'UnsupportedDistribution', message, leaveOut);
  }
  const support = engineSupport(engineFactsOf(engine));
  return support.kind === 'Supported' ? undefined : refuse('ineligible', support.reason, support.message, support.hint);
}

/** Of an engine that has not answered in time nothing can be told, and least of all that somebody has changed it. */
export function refuseLate(engine: ObservedEngine): Refusal | undefined {
  const { answer } = engine;
  return answer.kind === 'Silent' && answer.isLate ? refuseSilence(engine, answer) : undefined;
}

/** An engine without a CRI will not get one. One that starts, hangs or is only slow says nothing about what its node can take. */
function refuseSilence(engine: ObservedEngine, { why, isForGood }: SilentAnswer): Refusal {
  const { kind, socket, unit } = engine;
  const disabled = refuseDisabled(engine);
  if (disabled) return disabled;
  const message = `Cannot reach the CRI of ${kind} at ${socket}: ${why}.`;
  if (isForGood) return refuse('ineligible', 'CriUnavailable', message, `Look at the log of ${unit} on the node.`);
  const hint = `The node is tried again by itself; look at its load and at the log of ${unit} on it.`;
  return refuse('failed', 'EngineNotReady', message, hint);
}

/** A CRI that is off on purpose is silent as well, and then the config says so. */
function refuseDisabled({ kind, config }: ObservedEngine): Refusal | undefined {
  const disabled: unknown = config?.kind === 'Read' ? config.tree.root?.table['disabled_plugins'] : undefined;
  const plugins = Array.isArray(disabled)
    ? disabled.map(String).filter((id) => /^cri$|\.cri$|\.cri\.v1\./.test(id))
    : [];
  if (plugins.length === 0) return undefined;
  const message = `Cannot use ${kind} for Kubernetes: its config disables the CRI (${plugins.join(', ')}).`;
  return refuse('ineligible', 'CriDisabled', message, 'Take it out of disabled_plugins and restart containerd.');
}
