// The files that make a booted image one certain node of one certain cluster. Pure.

import type { LayerFile } from '../image/layer-entries.ts';
import { type NodeRange, podNetworkConfig } from '../cluster/pod-network.ts';
import { gateway, pods, type Vm } from './plan.ts';

export interface Api {
  readonly port: number;
  /** PEM; the API server's own certificate is its authority. */
  readonly authority: string;
}

export interface ClusterAccess {
  readonly api: Api;
  /** PEM; whoever shows it may use the kubelet. */
  readonly kubeletClient: string;
  readonly nodeToken: string;
  readonly proxyToken: string;
  /** Whoever has its other half is root. */
  readonly sshPublicKey: string;
}

type TextFile = LayerFile & { readonly text: string };

/** @param all VMs of the cluster */
export const seedFiles = (vm: Vm, all: readonly Vm[], access: ClusterAccess): readonly TextFile[] => [
  file('/etc/hostname', `${vm.name}\n`),
  file('/etc/hosts', hosts(vm, all)),
  file('/etc/vm-network', `ADDRESS=${vm.address}\nGATEWAY=${gateway}\nPEER_ADDRESS=${vm.peerAddress}\n`),
  file('/etc/pod-network.conf', podNetworkConfig(pods, rangeOf(vm), all.map(rangeOf))),
  file('/root/.ssh/authorized_keys', access.sshPublicKey, 0o600),
  file('/etc/kubernetes/kubelet-client.crt', access.kubeletClient),
  file('/etc/kubernetes/kubelet.conf', kubeconfig(access.api, gateway, access.nodeToken), 0o600),
  file('/etc/kubernetes/kube-proxy.conf', kubeconfig(access.api, gateway, access.proxyToken), 0o600),
  file('/etc/default/kubelet', `KUBELET_EXTRA_ARGS=${kubeletFlags(vm).join(' ')}\n`),
  file('/var/lib/kubelet/config.yaml', JSON.stringify(kubeletConfig(vm))),
];

const hosts = (vm: Vm, all: readonly Vm[]): string => {
  const peers = all.filter(({ name }) => name !== vm.name).map(({ name, peerAddress }) => `${peerAddress} ${name}\n`);
  return [`127.0.0.1 localhost ${vm.name}\n`, ...peers].join('');
};

const rangeOf = ({ name, podRange }: Vm): NodeRange => ({ node: name, podCidr: podRange });

const file = (to: string, text: string, mode = 0o644): TextFile => ({ to, text, mode });

/** JSON is YAML. */
export const kubeconfig = ({ port, authority }: Api, host: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'vms',
        cluster: {
          server: `https://${host}:${port}`,
          'certificate-authority-data': Buffer.from(authority).toString('base64'),
        },
      },
    ],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'vms', context: { cluster: 'vms', user: 'user' } }],
    'current-context': 'vms',
  });

/** An external cloud provider leaves the node's addresses to whoever boots it: us. */
const kubeletFlags = (vm: Vm): readonly string[] => [
  `--hostname-override=${vm.name}`,
  `--node-ip=${vm.address}`,
  '--cloud-provider=external',
  // Nobody reads the figures, and they are a fifth of what kubelet costs.
  '--housekeeping-interval=60s',
];

const kubeletConfig = (vm: Vm) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  port: vm.kubeletPort,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: false },
    x509: { clientCAFile: '/etc/kubernetes/kubelet-client.crt' },
  },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'systemd',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  // Nobody answers there, and the operator asks nobody: the API server's address is in its environment.
  clusterDNS: ['10.96.0.10'],
  resolvConf: '/dev/null',
  // A full disk of the machine must not drain the nodes, and looking for pressure is a tenth of what kubelet costs.
  evictionHard: { 'memory.available': '0%' },
  localStorageCapacityIsolation: false,
  // A guest that boots inside an emulated machine takes minutes; after less, kubelet would give it up and start anew.
  runtimeRequestTimeout: '15m',
});
