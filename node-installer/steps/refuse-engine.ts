// Says why a node's engine cannot be given handlers, as the preflight reports it and the later steps ask again.
import { engineSupport } from '../engine/support.ts';
import { engineFactsOf, type ObservedEngine } from './observe-engine.ts';
import type { ObservedNode } from './observe-node.ts';
import { refuse, type Refusal } from './step.ts';

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
  const because = distribution.unwritableBecause;
  if (because !== undefined) {
    const message = `Cannot change the container engine of ${distribution.name}: ${because}.`;
    return refuse('ineligible', 'UnsupportedDistribution', message, leaveOut);
  }
  if (engine.obstacle)
    return refuse('ineligible', engine.obstacle.reason, engine.obstacle.message, engine.obstacle.hint);
  if (engine.answer.kind === 'Silent') return refuseSilence(engine, engine.answer.why);
  const support = engineSupport(engineFactsOf(engine));
  return support.kind === 'Supported' ? undefined : refuse('ineligible', support.reason, support.message, support.hint);
}

/** A CRI that is off on purpose is silent as well, and then the config says so. */
function refuseSilence({ kind, socket, unit, config }: ObservedEngine, why: string): Refusal {
  const disabled: unknown = config?.kind === 'Read' ? config.tree.root?.table['disabled_plugins'] : undefined;
  const plugins = Array.isArray(disabled)
    ? disabled.map(String).filter((id) => /^cri$|\.cri$|\.cri\.v1\./.test(id))
    : [];
  if (plugins.length > 0) {
    const message = `Cannot use ${kind} for Kubernetes: its config disables the CRI (${plugins.join(', ')}).`;
    return refuse('ineligible', 'CriDisabled', message, 'Take it out of disabled_plugins and restart containerd.');
  }
  const message = `Cannot reach the CRI of ${kind} at ${socket}: ${why}.`;
  return refuse('ineligible', 'CriUnavailable', message, `Look at the log of ${unit} on the node.`);
}
