// Everything the operator knows of the cluster, kind by kind, kept up to date by watches. It decides nothing.
import type { IRuntimeClass } from 'kubernetes-models/node.k8s.io/v1/RuntimeClass';
import { jobLabel } from '../../crds/names.ts';
import type { KubeClient, KubeObject, Selection } from '../kube/client.ts';
import { type Resource, resources } from '../kube/resource.ts';
import { Store } from '../kube/store.ts';
import { keepWatching } from '../kube/watch.ts';
import { observeDaemonSet } from '../plan/observe-daemon-set.ts';
import { observeNode } from '../plan/observe-node.ts';
import { observePod } from '../plan/observe-pod.ts';
import { observeRuntime } from '../plan/observe-runtime.ts';
import { observeSandboxNode } from '../plan/observe-sandbox-node.ts';

export type Cluster = ReturnType<typeof emptyCluster>;
export type Kind = keyof Cluster;

const watched = {
  runtimes: { resource: resources.sandboxRuntimes },
  sandboxNodes: { resource: resources.sandboxNodes },
  nodes: { resource: resources.nodes },
  pods: { resource: resources.pods, labelSelector: jobLabel },
  daemonSets: { resource: resources.daemonSets, labelSelector: jobLabel },
  // All of them: a class that someone else made is not to be taken over.
  runtimeClasses: { resource: resources.runtimeClasses },
} as const satisfies Record<string, { resource: Resource } & Selection>;

export function emptyCluster() {
  return {
    runtimes: new Store(as(observeRuntime)),
    sandboxNodes: new Store(as(observeSandboxNode)),
    nodes: new Store(as(observeNode)),
    pods: new Store(as(observePod)),
    daemonSets: new Store(as(observeDaemonSet)),
    runtimeClasses: new Store(as(observeRuntimeClass)),
  };
}

export function resourceOf(kind: Kind): Resource {
  return watched[kind].resource;
}

/** Watches every kind until aborted. */
export async function watchCluster(
  client: KubeClient,
  cluster: Cluster,
  onTrouble: (kind: Kind, error: unknown, retryInMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const kinds = Object.keys(watched) as Kind[];
  const watches = kinds.map((kind) => {
    const { resource, ...selection } = watched[kind];
    const trouble = (error: unknown, retryInMs: number) => onTrouble(kind, error, retryInMs);
    return keepWatching(client, { resource, selection, store: cluster[kind], onTrouble: trouble }, signal);
  });
  await Promise.all(watches);
}

export async function synced(cluster: Cluster): Promise<void> {
  await Promise.all(Object.values(cluster).map((store) => store.synced));
}

/** The API server answers for the shape of what it stores. */
function as<Raw, T>(observe: (raw: Raw) => T): (object: KubeObject) => T {
  return (object) => observe(object as unknown as Raw);
}

function observeRuntimeClass({ metadata = {}, handler, overhead, scheduling }: IRuntimeClass) {
  const { name = '', labels = {}, annotations, ownerReferences } = metadata;
  return {
    name,
    uid: metadata.uid ?? '',
    metadata: { name, labels, annotations, ownerReferences },
    labels,
    handler,
    overhead,
    scheduling,
  };
}
