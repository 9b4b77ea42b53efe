// Recipe of the file system that node VMs are made from: a minimal Debian with its own kernel and ssh, as it comes.

import { join } from 'node:path';

import { ensureCommands } from '../build/debian-packages.ts';
import type { Recipe } from '../build/recipe.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'kmod', 'procps', 'ca-certificates', 'openssh-server', 'busybox-static'],
  ...['conntrack', 'nftables', 'iproute2', 'ethtool', 'socat', 'libseccomp2', 'jq', 'linux-image-cloud-amd64'],
];

const removed = [
  ...['var/cache/apt/*', 'var/lib/apt/lists/*', 'var/log/*.log', 'var/log/apt', 'var/cache/debconf/*'],
  ...['usr/share/doc/*', 'usr/share/man/*', 'usr/share/locale/*', 'usr/share/info/*', 'etc/hostname'],
];

export const vmRoot = (): Recipe => ({
  version: pins.debianVm.version,
  what: `debootstrap, ${packages.length} packages and what they need`,
  needs: [],
  inputs: { packages, removed },
  build: async ({ into, logFile, say }) => {
    const root = join(into, 'root');
    await ensureCommands({ debootstrap: 'debootstrap' }, say);
    const include = `--include=${packages.join(',')}`;
    await run(['debootstrap', '--variant=minbase', include, pins.debianVm.version, root], { logFile });
    await run(['sh', '-c', `rm -rf ${removed.join(' ')}`], { cwd: root, logFile });
  },
});
