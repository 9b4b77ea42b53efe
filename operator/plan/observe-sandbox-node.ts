// A SandboxNode as we wrote it last: what the operator remembers about a node.
import type { IObjectMeta } from '@kubernetes-models/apimachinery/apis/meta/v1/ObjectMeta';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';

export type ObservedSandboxNode = {
  readonly name: string;
  readonly uid: string;
  /** UID of the Node that owns it. */
  readonly owner: string;
  readonly status: SandboxNodeStatus;
};

type RawSandboxNode = { readonly metadata?: IObjectMeta; readonly status?: SandboxNodeStatus };

export function observeSandboxNode({ metadata, status }: RawSandboxNode): ObservedSandboxNode {
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    owner: metadata?.ownerReferences?.find(({ kind }) => kind === 'Node')?.uid ?? '',
    status: status ?? {},
  };
}
