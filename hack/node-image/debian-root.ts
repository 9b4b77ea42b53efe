// Recipe of the nodes' root file system: a minimal Debian, less everything that a node in a container does not need.

import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCommands } from '../build/debian-packages.ts';
import type { BuildContext, Recipe } from '../build/recipe.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'kmod', 'procps', 'ca-certificates', 'jq', 'busybox-static'],
  ...['conntrack', 'iptables', 'nftables', 'iproute2', 'ethtool', 'socat', 'libseccomp2'],
];

const removed = [
  ...[
    'var/cache/apt/*',
    'var/lib/apt/lists/*',
    'var/log/*.log',
    'var/log/apt',
    'var/cache/ldconfig',
    'var/cache/debconf/*',
  ],
  ...[
    'usr/share/doc/*',
    'usr/share/man/*',
    'usr/share/locale/*',
    'usr/share/info/*',
    'etc/resolv.conf',
    'etc/hostname',
  ],
  ...['etc/systemd/system/*.wants/*', 'lib/systemd/system/multi-user.target.wants/*'],
  ...['lib/systemd/system/local-fs.target.wants/*', 'lib/systemd/system/basic.target.wants/*'],
  ...['*udev*', '*initctl*'].map((name) => `lib/systemd/system/sockets.target.wants/${name}`),
  ...['*udev*', '*hwdb*', 'systemd-binfmt.service', 'systemd-modules-load.service'].map(
    (name) => `lib/systemd/system/sysinit.target.wants/${name}`,
  ),
];

const masked = [
  ...['systemd-binfmt', 'systemd-firstboot', 'systemd-resolved', 'systemd-timesyncd', 'systemd-networkd'],
  'systemd-logind',
]
  .map((name) => `${name}.service`)
  .concat('getty.target', 'apt-daily.timer', 'apt-daily-upgrade.timer');

export const debianRoot = (): Recipe => ({
  version: pins.debian.version,
  what: `debootstrap, ${packages.length} packages and what they need`,
  needs: [],
  inputs: { packages, removed, masked },
  build,
});

const build = async ({ into, logFile, say }: BuildContext): Promise<void> => {
  const root = join(into, 'root');
  await ensureCommands({ debootstrap: 'debootstrap' }, say);
  const include = `--include=${packages.join(',')}`;
  await run(['debootstrap', '--variant=minbase', include, pins.debian.version, root], { logFile });
  await run(['sh', '-c', `rm -rf ${removed.join(' ')}`], { cwd: root, logFile });
  await writeFile(join(root, 'etc/machine-id'), '');
  const system = join(root, 'etc/systemd/system');
  for (const unit of masked) await link('/dev/null', join(system, unit));
  await link('/lib/systemd/system/multi-user.target', join(system, 'default.target'));
  await mkdir(join(root, 'lib/systemd/system/sockets.target.wants'), { recursive: true });
  await link('/lib/systemd/system/dbus.socket', join(root, 'lib/systemd/system/sockets.target.wants/dbus.socket'));
};

const link = async (target: string, path: string): Promise<void> => {
  await rm(path, { force: true });
  await symlink(target, path);
};
