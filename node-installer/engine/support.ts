// Which engines can be given handlers, and why not; knows versions, touches nothing.
import type { EngineFacts } from '../../crds/node-facts.ts';
import type { Obstacle } from './engine.ts';

export type Support = { readonly kind: 'Supported' } | ({ readonly kind: 'Unsupported' } & Obstacle);

export function engineSupport({ kind, version }: Pick<EngineFacts, 'kind' | 'version'>): Support {
  if (kind === 'cri-o') return crioSupport(version);
  if (kind === 'containerd') return containerdSupport(version);
  return dockerSupport(version);
}

/** *Source*: containerd 1.6 has no support any more, and takes a config of a later schema for none, so that its dump proves nothing. */
function containerdSupport(version: string): Support {
  const [, major = 0, minor = 0] = /^v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === 2 || (major === 1 && minor >= 7)) return { kind: 'Supported' };
  return {
    kind: 'Unsupported',
    reason: major === 1 ? 'EngineTooOld' : 'UnknownEngine',
    message: `Cannot add handlers to containerd ${version}: 1.7 and 2.x are supported.`,
    hint: major === 1 ? 'Upgrade containerd on the node.' : 'Use a containerd 2.x, or a newer Bulkhead.',
  };
}

/** *Source*: cri-o/cri-o#7765, in 1.30: the CRI lists the handlers, which is what proves an installation. */
function crioSupport(version: string): Support {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) === 1 && Number(minor) >= 30) return { kind: 'Supported' };
  const isOld = Number(major) <= 1;
  return {
    kind: 'Unsupported',
    reason: isOld ? 'EngineTooOld' : 'UnknownEngine',
    message: `Cannot add handlers to CRI-O ${version}: CRI-O 1.30 and later are supported.`,
    hint: isOld ? 'Upgrade CRI-O on the node.' : 'Use a CRI-O 1.x, or a newer Bulkhead.',
  };
}

/** Older ones nobody maintains, and no test has run. */
function dockerSupport(version: string): Support {
  if (Number(/^\d+/.exec(version)?.[0]) >= 20) return { kind: 'Supported' };
  return {
    kind: 'Unsupported',
    reason: 'EngineTooOld',
    message: `Cannot add handlers to Docker ${version}: Docker 20.10 and later are supported.`,
    hint: 'Upgrade Docker on the node.',
  };
}
