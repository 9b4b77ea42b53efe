// Makes the initial RAM disk of node VMs: a shell, and the few modules without which there is no root file system.
// Debian's own takes every driver and udev, and emulation pays for each.

import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { run } from '../run.ts';

/** Everything else is loaded from the disk. */
export const initrdModules = ['virtio_pci', 'virtio_blk', 'ext4', 'virtio_net', 'virtio_rng'];
export const initScript = join(import.meta.dirname, 'init');

/** @param root a file system with one kernel and busybox */
export const makeInitrd = async (
  root: string,
  { out, scratch, logFile }: { readonly out: string; readonly scratch: string; readonly logFile: string },
): Promise<void> => {
  const tree = join(scratch, 'initrd');
  for (const folder of ['bin', 'dev', 'root', 'modules']) await mkdir(join(tree, folder), { recursive: true });
  await copyFile(join(root, 'usr/bin/busybox'), join(tree, 'bin/busybox'));
  await copyFile(initScript, join(tree, 'init'));
  await chmod(join(tree, 'init'), 0o755);
  for (const [index, path] of (await modulePaths(root)).entries()) {
    // The shell loads them in the order of their names.
    const name = `${String(index).padStart(2, '0')}-${basename(path, '.xz')}`;
    await run(['sh', '-c', `xz -dc '${join(root, path)}' > '${join(tree, 'modules', name)}'`], { logFile });
  }
  await run(['sh', '-c', `find . | cpio -o -H newc -R 0:0 > '${out}'`], { cwd: tree, logFile });
};

/** With those that they need before them. */
const modulePaths = async (root: string): Promise<readonly string[]> => {
  const kernel = (await run(['ls', join(root, 'lib/modules')])).trim();
  const ask = ['chroot', root, 'modprobe', '-S', kernel, '--show-depends', '--all', ...initrdModules];
  const paths = (await run(ask)).split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(paths)];
};
