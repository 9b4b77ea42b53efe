// Decides what systemd starts in a node VM: what a node needs, and little else.

import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** By the target that wants them. */
const enabled = {
  'sysinit.target': ['seed'],
  'multi-user.target': ['network', 'pod-network', 'containerd', 'kubelet', 'kube-proxy'],
};

/** Nobody logs in on a console or plugs anything in, and emulation makes each unit dear. */
const masked = [
  ...['systemd-binfmt', 'systemd-firstboot', 'systemd-timesyncd', 'systemd-networkd', 'systemd-logind'],
  ...['systemd-pstore', 'e2scrub_reap', 'serial-getty@ttyS0'],
  ...['systemd-udevd', 'systemd-udev-trigger', 'systemd-udev-load-credentials', 'systemd-hwdb-update'],
]
  .map((name) => `${name}.service`)
  .concat('getty.target', 'apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer')
  .concat('fstrim.timer', 'systemd-tmpfiles-clean.timer')
  .concat('systemd-udevd-control.socket', 'systemd-udevd-kernel.socket');

export const chosenUnits = { enabled, masked };

export const chooseUnits = async (root: string): Promise<void> => {
  const folder = join(root, 'etc/systemd/system');
  for (const unit of masked) await link('/dev/null', join(folder, unit));
  for (const [target, names] of Object.entries(enabled)) {
    for (const name of names) await link(`../${name}.service`, join(folder, `${target}.wants/${name}.service`));
  }
  await link('/lib/systemd/system/multi-user.target', join(folder, 'default.target'));
};

const link = async (target: string, path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(target, path);
};
