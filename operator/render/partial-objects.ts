// Objects that others own, and the few fields of them that are ours. The UID keeps a write from making them anew.
import { finalizer, groupVersion, namespace, probedAnnotation } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import type { SandboxRuntimeStatus } from '../../crds/sandbox-runtime.ts';
import { ownLabels } from './object-labels.ts';
import { nodeOwner } from './owner.ts';

type Named = { readonly name: string; readonly uid: string };

const identity = ({ name, uid }: Named) => ({ name, uid });

/** All labels of one field manager; those that it no longer names are taken off. */
export function nodeLabels(node: Named, labels: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { ...identity(node), labels } };
}

export function probedMark(pod: Named, probed: string) {
  const annotations = { [probedAnnotation]: probed };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...identity(pod), namespace, annotations } };
}

/** `hold`: whether our finalizer is on it. */
export function finalizerOf(runtime: Named, hold: boolean) {
  const finalizers = hold ? [finalizer] : [];
  return { apiVersion: groupVersion, kind: 'SandboxRuntime', metadata: { ...identity(runtime), finalizers } };
}

export function runtimeStatus(runtime: Named, status: SandboxRuntimeStatus) {
  return { apiVersion: groupVersion, kind: 'SandboxRuntime', metadata: identity(runtime), status };
}

export function sandboxNode(node: Named) {
  const metadata = { name: node.name, labels: ownLabels, ownerReferences: [nodeOwner(node)] };
  return { apiVersion: groupVersion, kind: 'SandboxNode', metadata };
}

export function sandboxNodeStatus(object: Named, status: SandboxNodeStatus) {
  return { apiVersion: groupVersion, kind: 'SandboxNode', metadata: identity(object), status };
}
