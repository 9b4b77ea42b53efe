// Recipe of the emulator: QEMU 10 from a newer Debian than most machines have, run from its own folder with its own libraries.

import { join } from 'node:path';

import { openDebianSuite } from '../build/debian-suite.ts';
import type { BuildContext, Recipe } from '../build/recipe.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';

const packages = ['qemu-system-x86', 'qemu-utils'];

export const qemu = (): Recipe => ({
  version: pins.debianVm.version,
  what: `${packages.join(' and ')} with their libraries`,
  needs: [],
  inputs: { packages },
  build,
});

const build = async ({ into, scratch, logFile, say }: BuildContext): Promise<void> => {
  const suite = await openDebianSuite(pins.debianVm.version, { folder: scratch, logFile, say });
  const files = await suite.closure(packages, join(scratch, 'debs'));
  for (const file of files) await run(['dpkg-deb', '--extract', file, into], { logFile });
  await run(['rm', '-rf', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'], { cwd: into });
};

/** The command that runs one of its programs. @param folder the artifact's */
export const qemuCommand = (folder: string, program: string): readonly string[] => {
  const libraries = join(folder, 'usr/lib/x86_64-linux-gnu');
  return [
    'env',
    `QEMU_MODULE_DIR=${join(libraries, 'qemu')}`,
    join(libraries, 'ld-linux-x86-64.so.2'),
    ...['--library-path', libraries],
    join(folder, 'usr/bin', program),
  ];
};

/** Where its firmware is, for `-L`. */
export const firmwareFolders = (folder: string): readonly string[] =>
  ['qemu', 'seabios'].map((name) => join(folder, 'usr/share', name));
