// Recipe of the disk that node VMs start from: the root file system with a node's programs and units. It has no images.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { ensureCommands } from '../build/debian-packages.ts';
import type { BuildContext, Recipe } from '../build/recipe.ts';
import { containerdConfig, fixedFiles } from '../node-image/node-layer.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { initrdModules, initScript, makeInitrd } from './initrd.ts';
import { chosenUnits, chooseUnits } from './units.ts';

export const diskFile = 'disk.raw';

const diskBytes = 8 * 2 ** 30;

/** Taken over from the nodes that are containers. */
const shared = [
  '/etc/crictl.yaml',
  '/etc/systemd/system/containerd.service',
  '/etc/systemd/system/pod-network.service',
  '/usr/local/bin/pod-network',
  '/etc/sysctl.d/90-node.conf',
];

const programs = {
  kubernetes: { folder: 'usr/bin', names: ['kubelet', 'kube-proxy'] },
  'containerd-2.3': { folder: 'usr/local/bin', names: ['containerd', 'ctr', 'containerd-shim-runc-v2'] },
  crictl: { folder: 'usr/local/bin', names: ['crictl'] },
  runc: { folder: 'usr/local/sbin', names: ['runc'] },
  'cni-plugins': { folder: 'opt/cni/bin', names: ['host-local', 'ptp', 'loopback', 'portmap'] },
} as const;

const folders = [
  'etc/kubernetes/manifests',
  'etc/cni/net.d',
  'etc/containerd',
  'var/lib/containerd',
  'var/log/journal',
];

const ownFolder = join(import.meta.dirname, 'files');

const ownFiles = (): readonly { from: string; to: string }[] =>
  readdirSync(ownFolder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ from: join(ownFolder, name), to: `/${name}` }))
    .filter(({ from }) => statSync(from).isFile());

const files = (): readonly { from: string; to: string }[] => [
  ...fixedFiles().flatMap((file) => (shared.includes(file.to) && 'from' in file ? [file] : [])),
  ...ownFiles(),
];

/** A virtual machine has all of its own kernel, whatever the machine it is emulated on lacks. */
const config = (): string => containerdConfig({ sysResource: true, cgroupV2: true });

export const vmImage = (): Recipe => ({
  version: pins.kubernetes.version,
  what: 'the disk that node VMs start from',
  needs: ['vm-root', ...Object.keys(programs)],
  inputs: {
    programs,
    units: chosenUnits,
    initrd: [initrdModules, readFileSync(initScript, 'utf8')],
    folders,
    diskBytes,
    config: config(),
    files: files().map(({ from, to }) => ({ to, text: readFileSync(from, 'utf8') })),
    layout: 2,
  },
  build,
});

const build = async ({ into, scratch, logFile, say, from }: BuildContext): Promise<void> => {
  await ensureCommands({ 'mkfs.ext4': 'e2fsprogs', cpio: 'cpio', xz: 'xz-utils' }, say);
  const root = join(scratch, 'root');
  await run(['cp', '-a', join(from('vm-root'), 'root'), root], { logFile });
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  for (const { from: path, to } of files()) await place(path, join(root, to));
  for (const [artifact, { folder, names }] of Object.entries(programs)) {
    for (const name of names) await place(join(from(artifact), name), join(root, folder, name));
  }
  await writeFile(join(root, 'etc/containerd/config.toml'), config());
  await writeFile(join(root, 'etc/machine-id'), '');
  await chooseUnits(root);
  await makeInitrd(root, { out: join(into, 'initrd'), scratch, logFile });
  await run(['sh', '-c', `mv boot/vmlinuz-* '${join(into, 'vmlinuz')}' && rm -rf boot/*`], { cwd: root, logFile });
  const disk = join(into, diskFile);
  await writeFile(disk, '');
  await truncate(disk, diskBytes);
  await run(['mkfs.ext4', '-q', '-d', root, '-E', 'lazy_itable_init=1,nodiscard', disk], { logFile });
};

const place = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  await copyFile(from, to);
  await chmod(to, /\/s?bin\//.test(to) ? 0o755 : 0o644);
};
