// The table of everything that can be built, as data. It runs nothing.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { krun } from '../krun/recipe.ts';
import { debianRoot } from '../node-image/debian-root.ts';
import { nodeImage } from '../node-image/recipe.ts';
import { pins } from '../pins.ts';
import { vmImage } from '../vm/image.ts';
import { qemu } from '../vm/qemu.ts';
import { vmRoot } from '../vm/root.ts';
import { cProgram } from './c-program.ts';
import { goPrograms } from './go-programs.ts';
import type { Host } from './host.ts';
import type { Recipe } from './recipe.ts';
import { rust } from './rust-toolchain.ts';

const here = import.meta.dirname;

const kubernetes = (): Recipe => {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(pins.kubernetes.version) ?? [];
  const programs = [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'kubelet',
    'kubeadm',
    'kubectl',
  ];
  return goPrograms({
    modules: { 'k8s.io/kubernetes': pins.kubernetes.version },
    programs: Object.fromEntries(programs.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
    staging: pins.kubernetesStaging.version,
    set: {
      'k8s.io/component-base/version.gitVersion': pins.kubernetes.version,
      'k8s.io/component-base/version.gitMajor': major,
      'k8s.io/component-base/version.gitMinor': minor,
      'k8s.io/client-go/pkg/version.gitVersion': pins.kubernetes.version,
    },
  });
};

const containerd = (version: string): Recipe => {
  const module = version.startsWith('v1.') ? 'github.com/containerd/containerd' : 'github.com/containerd/containerd/v2';
  const programs = ['containerd', 'ctr', 'containerd-shim-runc-v2'];
  return goPrograms({
    modules: { [module]: version },
    programs: Object.fromEntries(programs.map((name) => [name, `${module}/cmd/${name}`])),
    tags: 'no_btrfs no_devmapper no_zfs',
    set: { [`${module}/version.Version`]: version },
  });
};

/** With Go's own OpenPGP and without the storage drivers that need C libraries. */
const crio = (): Recipe =>
  goPrograms({
    modules: { 'github.com/cri-o/cri-o': pins.crio.version },
    programs: { crio: 'github.com/cri-o/cri-o/cmd/crio' },
    tags: 'containers_image_openpgp exclude_graphdriver_btrfs btrfs_noversion',
    libraries: [],
    ownSums: true,
  });

const cniPlugins = (): Recipe => {
  const module = 'github.com/containernetworking/plugins';
  const programs = {
    'host-local': 'ipam/host-local',
    ptp: 'main/ptp',
    loopback: 'main/loopback',
    portmap: 'meta/portmap',
  };
  return goPrograms({
    modules: { [module]: pins.cniPlugins.version },
    programs: Object.fromEntries(Object.entries(programs).map(([name, path]) => [name, `${module}/plugins/${path}`])),
  });
};

/** Upstream's shim insists on an oom_score_adj of -999, which needs CAP_SYS_RESOURCE: changed only where that is missing. */
const gvisor = (host: Host): Recipe =>
  goPrograms({
    modules: { 'gvisor.dev/gvisor': pins.gvisor.version },
    programs: { runsc: 'gvisor.dev/gvisor/runsc', 'containerd-shim-runsc-v1': 'gvisor.dev/gvisor/shim' },
    set: { 'gvisor.dev/gvisor/runsc/version.version': `go-${pins.gvisor.version}` },
    ...(host.sysResource
      ? {}
      : { patch: { file: 'pkg/shim/v1/manager.go', from: 'oomScoreMax = -999', to: 'oomScoreMax = 0' } }),
  });

/** Every recipe by the name of its artifact. */
export const recipesFor = (host: Host) =>
  ({
    kubernetes: kubernetes(),
    etcd: goPrograms({
      modules: { 'go.etcd.io/etcd/server/v3': pins.etcd.version, 'go.etcd.io/etcd/etcdctl/v3': pins.etcd.version },
      programs: { etcd: 'go.etcd.io/etcd/server/v3', etcdctl: 'go.etcd.io/etcd/etcdctl/v3' },
    }),
    'containerd-2.3': containerd(pins.containerd23.version),
    runc: goPrograms({
      modules: { 'github.com/opencontainers/runc': pins.runc.version },
      programs: { runc: 'github.com/opencontainers/runc' },
      tags: 'seccomp',
      libraries: ['libseccomp-dev'],
    }),
    'cni-plugins': cniPlugins(),
    crictl: goPrograms({
      modules: { 'sigs.k8s.io/cri-tools': pins.criTools.version },
      programs: { crictl: 'sigs.k8s.io/cri-tools/cmd/crictl' },
      set: { 'sigs.k8s.io/cri-tools/pkg/version.Version': pins.criTools.version },
    }),
    kind: goPrograms({ modules: { 'sigs.k8s.io/kind': pins.kind.version }, programs: { kind: 'sigs.k8s.io/kind' } }),
    coredns: goPrograms({
      modules: { 'github.com/coredns/coredns': pins.coredns.version },
      programs: { coredns: '.' },
      main: readFileSync(join(here, 'coredns.go.txt'), 'utf8'),
    }),
    gvisor: gvisor(host),
    rust: rust(),
    krun: krun(),
    pause: cProgram('pause', pins.pause.version, join(here, 'pause.c')),
    'debian-root': debianRoot(),
    'node-image': nodeImage(host),
    qemu: qemu(),
    'vm-root': vmRoot(),
    'vm-image': vmImage(),
    'containerd-1.7': containerd(pins.containerd17.version),
    'containerd-2.0': containerd(pins.containerd20.version),
    'containerd-2.1': containerd(pins.containerd21.version),
    'containerd-2.2': containerd(pins.containerd22.version),
    'containerd-2.4': containerd(pins.containerd24.version),
    crio: crio(),
    crane: goPrograms({
      modules: { 'github.com/google/go-containerregistry': pins.crane.version },
      programs: { crane: 'github.com/google/go-containerregistry/cmd/crane' },
      set: { 'github.com/google/go-containerregistry/cmd/crane/cmd.Version': pins.crane.version },
    }),
    helm: goPrograms({
      modules: { 'helm.sh/helm/v4': pins.helm.version },
      programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
      set: { 'helm.sh/helm/v4/internal/version.version': pins.helm.version },
    }),
  }) satisfies Record<string, Recipe>;

export type ArtifactName = keyof ReturnType<typeof recipesFor>;
