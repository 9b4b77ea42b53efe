// Which engines can be given handlers, and why not; knows versions, touches nothing.
import type { EngineFacts } from '../../crds/node-facts.ts';

export type Support =
  | { readonly kind: 'Supported' }
  | { readonly kind: 'Unsupported'; readonly reason: string; readonly message: string; readonly hint: string };

export function engineSupport({ kind, version }: Pick<EngineFacts, 'kind' | 'version'>): Support {
  if (kind !== 'containerd') {
    return {
      kind: 'Unsupported',
      reason: 'UnknownEngine',
      message: `Cannot add handlers to ${kind} ${version}: only containerd 2.x is supported yet.`,
      hint: 'Keep the node out by spec.nodes.selector.',
    };
  }
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  if (major === 2) return { kind: 'Supported' };
  return {
    kind: 'Unsupported',
    reason: major === 1 ? 'EngineTooOld' : 'UnknownEngine',
    message: `Cannot add handlers to containerd ${version}: only containerd 2.x is supported yet.`,
    hint: major === 1 ? 'Upgrade containerd on the node to 2.x.' : 'Use a containerd 2.x, or a newer Bulkhead.',
  };
}
