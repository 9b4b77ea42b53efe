// What matters of a Node; changes to the rest of it (heartbeats, images, conditions) are no changes to us.
import type { INode } from 'kubernetes-models/v1/Node';

export type Taint = { readonly key: string; readonly value?: string; readonly effect: string };

export type ObservedNode = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels by the field manager of ours that applied them. */
  readonly applied: Readonly<Record<string, readonly string[]>>;
  readonly taints: readonly Taint[];
  readonly ready: boolean;
  readonly os: string;
  readonly arch: string;
  readonly kernel: string;
  /** Kind and version, e.g. `containerd://2.3.7`. */
  readonly engine: string;
  /** Version of its kubelet, e.g. `v1.36.3`. */
  readonly kubelet: string;
};

const ourManagers = /^bulkhead-operator/;

export function observeNode(node: INode): ObservedNode {
  const labels = node.metadata?.labels ?? {};
  const info = node.status?.nodeInfo;
  return {
    name: node.metadata?.name ?? '',
    uid: node.metadata?.uid ?? '',
    labels,
    applied: appliedLabels(node),
    taints: (node.spec?.taints ?? []).map(({ key, value, effect }) => ({ key, ...(value && { value }), effect })),
    ready: node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    os: labels['kubernetes.io/os'] ?? info?.operatingSystem ?? '',
    arch: labels['kubernetes.io/arch'] ?? info?.architecture ?? '',
    kernel: info?.kernelVersion ?? '',
    engine: info?.containerRuntimeVersion ?? '',
    kubelet: info?.kubeletVersion ?? '',
  };
}

/** *Source*: server-side apply records owned fields as `{"f:metadata":{"f:labels":{"f:<label>":{}}}}`. */
function appliedLabels(node: INode): Record<string, string[]> {
  const ours = (node.metadata?.managedFields ?? []).filter(
    ({ manager, operation }) => operation === 'Apply' && ourManagers.test(manager ?? ''),
  );
  return Object.fromEntries(ours.map(({ manager, fieldsV1 }) => [manager, labelsIn(fieldsV1)]));
}

function labelsIn(fields: unknown): string[] {
  const { 'f:metadata': metadata } = (fields ?? {}) as { 'f:metadata'?: { 'f:labels'?: Record<string, unknown> } };
  const labels = Object.keys(metadata?.['f:labels'] ?? {});
  return labels.filter((key) => key.startsWith('f:')).map((key) => key.slice(2));
}
