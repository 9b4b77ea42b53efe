// The layer of a node image that holds our programs, units and engine config. Pure but for reading the list of files.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Host } from '../build/host.ts';
import type { ContentLayer, LayerFile } from '../image/layer-entries.ts';
import { pins } from '../pins.ts';
import { pauseImage } from './system-images.ts';

const filesFolder = join(import.meta.dirname, 'files');

/** The fixed files, as they lie in files/. */
export const fixedFiles = (): readonly LayerFile[] =>
  readdirSync(filesFolder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, path: join(filesFolder, name) }))
    .filter(({ path }) => statSync(path).isFile())
    .map(({ name, path }) => ({ from: path, to: `/${name}`, mode: name.includes('/bin/') ? 0o755 : 0o644 }));

/**
 * containerd's config. It imports nothing, like that of kind's published images, so that an installer has to cope.
 * On cgroup v1, systemd's driver would put gVisor's pods under containerd's own cgroup, without a memory limit.
 */
export const containerdConfig = (host: Host): string => `version = 3

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  discard_unpacked_layers = true
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${pauseImage}"

[plugins."io.containerd.cri.v1.runtime"]
  # Where CAP_SYS_RESOURCE is missing, no oom_score_adj can be lowered.
  restrict_oom_score_adj = ${!host.sysResource}

[plugins."io.containerd.cri.v1.runtime".containerd]
  default_runtime_name = "runc"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
    SystemdCgroup = ${host.cgroupV2}
`;

const programs = {
  kubernetes: { folder: '/usr/bin', names: ['kubeadm', 'kubelet', 'kubectl'] },
  'containerd-2.3': { folder: '/usr/local/bin', names: ['containerd', 'ctr', 'containerd-shim-runc-v2'] },
  crictl: { folder: '/usr/local/bin', names: ['crictl'] },
  runc: { folder: '/usr/local/sbin', names: ['runc'] },
  'cni-plugins': { folder: '/opt/cni/bin', names: ['host-local', 'ptp', 'loopback', 'portmap'] },
} as const;

const folders = ['/etc/kubernetes/manifests', '/etc/cni/net.d', '/kind/manifests', '/var/log/journal'];

/** @param from the folder of an artifact */
export const nodeLayer = (from: (artifact: string) => string, host: Host): ContentLayer => ({
  files: [
    ...fixedFiles(),
    ...Object.entries(programs).flatMap(([artifact, { folder, names }]) =>
      names.map((name) => ({ from: join(from(artifact), name), to: `${folder}/${name}` })),
    ),
    { text: containerdConfig(host), to: '/etc/containerd/config.toml' },
    { text: pins.kubernetes.version, to: '/kind/version' },
  ],
  links: ['containerd', 'kubelet', 'pod-network'].map((unit) => ({
    path: `/etc/systemd/system/multi-user.target.wants/${unit}.service`,
    target: `/etc/systemd/system/${unit}.service`,
  })),
  dirs: folders.map((path) => ({ path })),
});
