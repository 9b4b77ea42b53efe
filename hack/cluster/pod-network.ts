// Tells each node of ours its part of the pod network; the nodes' own pod-network service does the rest.

import type { Docker } from '../docker/ensure-docker.ts';
import { run } from '../run.ts';
import type { Kubectl } from './kubectl.ts';

export interface NodeRange {
  readonly node: string;
  readonly podCidr: string;
}

/** The text of one node's /etc/pod-network.conf. */
export const podNetworkConfig = (pods: string, node: NodeRange, all: readonly NodeRange[]): string => {
  const peers = all.filter((other) => other.node !== node.node);
  const lines = [`pods ${pods}`, `own ${node.podCidr}`, ...peers.map((peer) => `peer ${peer.node} ${peer.podCidr}`)];
  return `${lines.join('\n')}\n`;
};

export const writePodNetwork = async (pods: string, docker: Docker, kubectl: Kubectl): Promise<void> => {
  const ranges = parseRanges(await kubectl(['get', 'nodes', '-o', 'json']));
  const script = 'cat > /etc/pod-network.conf && systemctl restart pod-network';
  for (const range of ranges) {
    const input = podNetworkConfig(pods, range, ranges);
    await run(['docker', 'exec', '-i', range.node, 'sh', '-c', script], { env: docker.env, input });
  }
};

/** Ranges come from the node objects: they follow the order of joining and may skip numbers. */
const parseRanges = (nodes: string): readonly NodeRange[] => {
  const list = JSON.parse(nodes) as { items: { metadata: { name: string }; spec: { podCIDR?: string } }[] };
  return list.items.map(({ metadata, spec }) => {
    if (spec.podCIDR === undefined) {
      throw new Error(
        `Cannot set up the pod network of ${metadata.name}: the controller manager gave it no range yet.`,
      );
    }
    return { node: metadata.name, podCidr: spec.podCIDR };
  });
};
