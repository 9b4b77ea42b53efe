// Whether a node can mount an image as a volume, which takes its kubelet and its engine. Asks nobody.
import { isVersionSince } from '../../runtime/needs.ts';
import type { ObservedNode } from './observe-node.ts';
import type { Claim } from './node-entry.ts';

/** *Source*: Kubernetes' KEP-4639, which is stable since 1.36; containerd#10579, CRI-O's own release notes. */
const kubeletSince = '1.36';
const engineSince: Readonly<Record<string, string>> = { containerd: '2.1', 'cri-o': '1.31' };

/** `undefined` for a node that can. */
export function refuseImageVolume(node: ObservedNode, volume: string): Claim | undefined {
  const lacking = lackOf(node);
  if (lacking === undefined) return undefined;
  return {
    kind: 'Refused',
    reason: 'ImageVolumesMissing',
    message: `Cannot mount the payload image ${volume} on the node: ${lacking}.`,
    hint: 'Use an image that has the installer, as image in spec.payload.sources, or keep the node out by spec.nodes.selector.',
  };
}

function lackOf({ kubelet, engine }: ObservedNode): string | undefined {
  const [kind = '', version = ''] = engine.split('://');
  if (!isVersionSince(kubelet.replace(/^v/, ''), kubeletSince))
    return `its kubelet is ${kubelet}, and image volumes came with ${kubeletSince}`;
  const since = engineSince[kind];
  if (since === undefined) return `its engine, ${kind}, has no image volumes`;
  return isVersionSince(version.replace(/^v/, ''), since)
    ? undefined
    : `its engine is ${kind} ${version}, and image volumes came with ${since}`;
}
