// The status of a SandboxNode: the facts that the probe found, and where the node stands with each runtime.
import type { NodeFacts } from '../../crds/node-facts.ts';
import type { NodeRuntime, SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import type { ObservedPod } from './observe-pod.ts';

export function nodeStatusOf(
  pods: readonly ObservedPod[],
  entries: readonly NodeRuntime[],
  previous: SandboxNodeStatus,
): SandboxNodeStatus {
  const facts = probedFacts(pods) ?? previous.facts;
  const runtimes = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...(facts && { facts }), summary: summaryOf(facts, runtimes), runtimes };
}

function probedFacts(pods: readonly ObservedPod[]): NodeFacts | undefined {
  const probe = pods.find(({ job, leaving, progress }) => job === 'probe' && !leaving && progress.kind === 'Succeeded');
  if (probe?.progress.kind !== 'Succeeded') return undefined;
  return probe.progress.reports.find(({ facts }) => facts)?.facts;
}

function summaryOf(facts: NodeFacts | undefined, runtimes: readonly NodeRuntime[]): SandboxNodeStatus['summary'] {
  return {
    ...(facts?.engine && { engine: `${facts.engine.kind} ${facts.engine.version}` }),
    ...(facts && { kvm: kvmWord(facts) }),
    runtimes: runtimes.map(({ name, phase, reason }) => `${name}=${phase}${reason ? `(${reason})` : ''}`).join(','),
  };
}

function kvmWord({ virtualization }: NodeFacts): string {
  if (!virtualization.usable) return 'no';
  return virtualization.nested ? 'nested' : 'yes';
}
