// k0s as far as it writes the root config of its containerd and restarts it after a change in its folder: texts of our own in its shape.
import type { FakeDistribution } from './distribution.ts';

export const k0sFolder = '/etc/k0s/containerd.d';

/** *Source*: k0s `pkg/component/worker/containerd` of 1.36, and of 1.35, which merges the folder into a file of its own. */
export function k0s(version: '1.35' | '1.36'): FakeDistribution {
  const plugins = `
[plugins]

  [plugins."io.containerd.cri.v1.images"]

    [plugins."io.containerd.cri.v1.images".pinned_images]
      sandbox = "pause:3.10"

  [plugins."io.containerd.cri.v1.runtime"]
`;
  return {
    configPath: '/etc/k0s/containerd.toml',
    socket: '/run/k0s/containerd.sock',
    unit: 'k0sworker.service',
    main: ['/usr/local/bin/k0s', 'worker'],
    ...(version === '1.36' ? { watchedFolder: k0sFolder } : {}),
    render: () => `# k0s_managed=true
# This file is k0s' own.
${version === '1.36' ? `imports = ["${k0sFolder}/*.toml"]\nversion = 3\n${plugins}` : 'version = 2\nimports = [\n\t"/run/k0s/containerd-cri.toml",\n]\n'}`,
  };
}
