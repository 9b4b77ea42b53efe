// Makes the cluster's DNS answer for the cluster alone: its pods cannot reach the resolver of the node containers anyway.

import type { Kubectl } from './kubectl.ts';

const corefile = `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    cache 5
    reload
    loadbalance
}
`;

export const serveClusterNamesOnly = (kubectl: Kubectl): Promise<string> =>
  kubectl([
    ...['-n', 'kube-system', 'patch', 'configmap', 'coredns', '--type=merge', '-p'],
    JSON.stringify({ data: { Corefile: corefile } }),
  ]);
