// MicroK8s as far as it renders the root config of its containerd: a template of our own in the shape of its.
import type { FakeDistribution } from './distribution.ts';

const folder = '/var/snap/microk8s/8765/args';
export const microk8sTemplate = `${folder}/containerd-template.toml`;

/** *Source*: MicroK8s `containerd-template.toml`, shortened, and `run-containerd-with-args` with its sed. */
export const microk8sText = `# Use config version 2.
version = 2
oom_score = 0

[grpc]
  uid = 0
  gid = 0

[plugins."io.containerd.grpc.v1.cri"]
  stream_server_port = "0"
  sandbox_image = "pause:3.10"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "\${SNAPSHOTTER}"
    default_runtime_name = "\${RUNTIME}"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "\${RUNTIME_TYPE}"

   [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
      runtime_type = "io.containerd.kata.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata.options]
        BinaryName = "kata-runtime"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "\${SNAP_DATA}/opt/cni/bin"
    conf_dir = "\${SNAP_DATA}/args/cni-network"

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "\${SNAP_DATA}/args/certs.d"
`;

const values: Readonly<Record<string, string>> = {
  SNAP: '/snap/microk8s/8765',
  SNAP_DATA: '/var/snap/microk8s/8765',
  SNAPSHOTTER: 'overlayfs',
  RUNTIME: 'runc',
  RUNTIME_TYPE: 'io.containerd.runc.v2',
};

export const microk8s: FakeDistribution = {
  configPath: `${folder}/containerd.toml`,
  socket: '/var/snap/microk8s/common/run/containerd.sock',
  unit: 'snap.microk8s.daemon-containerd.service',
  files: { [microk8sTemplate]: microk8sText },
  render: (read) =>
    (read(microk8sTemplate) ?? '').replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
};
