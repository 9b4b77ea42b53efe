// Puts together what plans are made from: each SandboxRuntime resolved, each node with its pods and its SandboxNode.
import { conflictOf, type Claimant } from '../plan/claims.ts';
import type { ObservedRuntime } from '../plan/observe-runtime.ts';
import type { InvalidSpec } from '../plan/invalid-spec.ts';
import { resolve, type Wanted } from '../plan/resolve.ts';
import { type Evidence, type NodeView, viewOf } from '../plan/survey.ts';
import { type Context, timeOf } from './context.ts';

export type Resolved = { readonly runtime: ObservedRuntime; readonly resolved: Wanted | InvalidSpec };

/** Every SandboxRuntime with what its spec means, conflicts between them included. */
export function resolveAll({ cluster, catalogue, settings, hash }: Context): Resolved[] {
  const alone = cluster.runtimes.list().map((runtime) => {
    const surroundings = { catalogue, images: settings, hash };
    return { runtime, resolved: resolve(runtime.name, runtime.parsed, surroundings) };
  });
  const claimants = alone.flatMap(({ runtime, resolved }): Claimant[] =>
    resolved.kind === 'Wanted' ? [{ runtime, wanted: resolved }] : [],
  );
  const classes = cluster.runtimeClasses.list();
  return alone.map(({ runtime, resolved }) => {
    const claimant = claimants.find((each) => each.runtime === runtime);
    return { runtime, resolved: (claimant && conflictOf(claimant, claimants, classes)) ?? resolved };
  });
}

/** Every node that has to do with the runtime. */
export function viewsOf({ runtime, resolved }: Resolved, { cluster, nowMs }: Context): NodeView[] {
  const pods = Map.groupBy(cluster.pods.list(), ({ node }) => node);
  const now = timeOf(nowMs());
  return cluster.nodes.list().flatMap((node) => {
    const evidence = { node, pods: pods.get(node.name) ?? [], sandboxNode: cluster.sandboxNodes.get(node.name) };
    return viewOf(evidence, runtime, resolved, now) ?? [];
  });
}

export function evidenceOf(name: string, { cluster }: Context): Evidence | undefined {
  const node = cluster.nodes.get(name);
  if (!node) return undefined;
  const pods = cluster.pods.list().filter((pod) => pod.node === name);
  return { node, pods, sandboxNode: cluster.sandboxNodes.get(name) };
}
