// Builds crun with its krun handler. It finds the VMM by name when it runs, so it is built without it.

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';

import { ensureCommands, ensurePackages } from '../build/debian-packages.ts';
import { openDebianSuite } from '../build/debian-suite.ts';
import type { BuildContext } from '../build/recipe.ts';
import type { Part } from '../images/spdx.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { verifySha256 } from './verify-sha256.ts';

export const configureFlags = ['--with-libkrun', '--disable-criu', '--enable-embedded-yajl'];

export const buildOciRuntime = async (context: BuildContext): Promise<Part> => {
  const { into, scratch, logFile, say } = context;
  await ensureCommands({ gcc: 'gcc', make: 'make', 'pkg-config': 'pkg-config', python3: 'python3' }, say);
  await ensurePackages(['libc6-dev', 'libseccomp-dev', 'libcap-dev', 'libsystemd-dev'], say);
  const source = await fetchSource(context);
  // The crate of the VMM has no header, and crun asks only whether there is one: it looks its functions up by name.
  const headers = join(scratch, 'headers');
  await mkdir(headers);
  await writeFile(join(headers, 'libkrun.h'), '');
  const env = { CPPFLAGS: `-I${headers}`, CFLAGS: '-O2' };
  await run(['./configure', ...configureFlags], { cwd: source, env, logFile });
  await run(['make', '-j', String(Math.min(2, availableParallelism()))], { cwd: source, logFile });
  // The name decides: crun called krun runs everything in a virtual machine.
  const program = join(into, 'libexec', 'krun');
  await copyFile(join(source, 'crun'), program);
  await run(['strip', program], { logFile });
  for (const name of ['COPYING', 'COPYING.libcrun']) {
    await copyFile(join(source, name), join(into, 'licenses', `crun-${name}`));
  }
  const [version = ''] = pins.crun.version.split('-');
  const license = 'GPL-2.0-or-later AND LGPL-2.1-or-later';
  return { name: 'crun', version, purl: `pkg:generic/crun@${version}`, license, sha256: pins.crun.sha256 };
};

const fetchSource = async ({ scratch, logFile, say }: BuildContext): Promise<string> => {
  const lists = join(scratch, 'suite');
  await mkdir(lists);
  const suite = await openDebianSuite(pins.debianVm.version, { folder: lists, logFile, say });
  const tar = await suite.sourceTar(`crun=${pins.crun.version}`, join(scratch, 'crun'));
  await verifySha256(tar, pins.crun.sha256);
  await run(['tar', '-xf', basename(tar)], { cwd: join(scratch, 'crun'), logFile });
  return join(scratch, 'crun', `crun-${pins.crun.version.split('-')[0]}`);
};
