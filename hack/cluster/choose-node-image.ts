// Decides which node image a cluster is made from. Pure; it looks for nothing and pulls nothing.

import type { Host } from '../build/host.ts';
import { pins } from '../pins.ts';

export interface NodeImages {
  /** Ours, built before. */
  readonly ownThere: boolean;
  /** kind's published one. */
  readonly publishedThere: boolean;
}

export type NodeImageChoice =
  | { readonly kind: 'Own' }
  | { readonly kind: 'Reference'; readonly reference: string }
  /** Try to pull it; if that does not work, our own. */
  | { readonly kind: 'Pull'; readonly reference: string };

/** Whether kind's published image works on a machine: its systemd refuses cgroup v1, its runc wants all capabilities. */
const publishedWorks = (host: Host): boolean => host.sysResource && host.cgroupV2;

/** @param wish `NODE_IMAGE`: `auto`, `build` or the reference of an image */
export const chooseNodeImage = (wish: string, there: NodeImages, host: Host): NodeImageChoice => {
  if (wish === 'build') return { kind: 'Own' };
  if (wish !== 'auto') return { kind: 'Reference', reference: wish };
  if (there.ownThere || !publishedWorks(host)) return { kind: 'Own' };
  const reference = pins.kindNode.version;
  return there.publishedThere ? { kind: 'Reference', reference } : { kind: 'Pull', reference };
};
