// Recipe of krun, an OCI runtime that runs each container in a virtual machine of its own: put together from registries.

import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BuildContext, Recipe } from '../build/recipe.ts';
import { unpackDebianPackages } from '../images/debian-files.ts';
import { debianPart } from '../images/parts.ts';
import { parseLdd } from '../images/shared-libraries.ts';
import type { Part } from '../images/spdx.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { takeGuestKernel } from './guest-kernel.ts';
import { licensesFolder, sourceNotice } from './licenses.ts';
import { buildOciRuntime, configureFlags } from './oci-runtime.ts';
import { buildVmm, crateSwitches } from './vmm.ts';

/** What the artifact has beside the payload's files and the licences: whose work it is. */
export const partsFile = 'parts.json';

const launcher = join(import.meta.dirname, 'krun');
/** What the programs need beside the C library, by Debian package: nodes without one would fail when the first pod starts. */
const libraries = {
  'libgcc-s1': 'libgcc_s.so.1',
  libcap2: 'libcap.so.2',
  libgcrypt20: 'libgcrypt.so.20',
  'libgpg-error0': 'libgpg-error.so.0',
  'liblz4-1': 'liblz4.so.1',
  liblzma5: 'liblzma.so.5',
  libseccomp2: 'libseccomp.so.2',
  libsystemd0: 'libsystemd.so.0',
  libzstd1: 'libzstd.so.1',
};

export const krun = (): Recipe => ({
  version: pins.libkrun.version,
  what: 'the VMM, the OCI runtime in front of it, and the kernel of the guests',
  needs: ['rust'],
  inputs: {
    pins: [pins.libkrun, pins.crun, pins.libkrunfw, pins.libkrunfwWheel],
    configureFlags,
    crateSwitches,
    libraries,
    launcher: readFileSync(launcher, 'utf8'),
    layout: 2,
  },
  build,
});

const build = async (context: BuildContext): Promise<void> => {
  const { into } = context;
  for (const folder of ['lib', 'libexec', licensesFolder]) await mkdir(join(into, folder));
  await copyFile(launcher, join(into, 'krun'));
  await chmod(join(into, 'krun'), 0o755);
  const parts: readonly Part[] = [
    await takeGuestKernel(context),
    await buildOciRuntime(context),
    ...(await takeLibraries(context)),
    ...(await buildVmm(context)),
  ];
  await checkLibraries(into);
  await writeFile(join(into, licensesFolder, 'SOURCES'), sourceNotice(parts));
  await writeFile(join(into, partsFile), JSON.stringify(parts, null, 1));
};

const takeLibraries = async ({ into, scratch, logFile }: BuildContext): Promise<readonly Part[]> => {
  const root = join(scratch, 'libraries');
  const packages = await unpackDebianPackages(Object.keys(libraries), { into: root, scratch, logFile });
  for (const [name, library] of Object.entries(libraries)) {
    const path = (await run(['find', root, '-name', library])).trim();
    await copyFile(path, join(into, 'lib', library));
    // That of libgcc is in a package of its own, and its exception asks for nothing.
    await copyFile(join(root, 'usr/share/doc', name, 'copyright'), join(into, licensesFolder, name)).catch(ifAbsent);
  }
  return packages.map(debianPart);
};

const ifAbsent = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

/** What the loader finds nowhere on this machine but in the payload's folder, it finds on no node either. */
const checkLibraries = async (into: string): Promise<void> => {
  const lib = join(into, 'lib');
  for (const program of [join(into, 'libexec/krun'), join(lib, 'libkrun.so.1')]) {
    const { names } = parseLdd(await run(['ldd', program], { env: { LD_LIBRARY_PATH: lib } }));
    const there = new Set([...(await readdir(lib)), ...ofTheCLibrary]);
    const missing = names.filter((name) => !there.has(name));
    if (missing.length > 0) throw new Error(`Cannot pack ${program}: it needs ${missing.join(', ')}, too.`);
  }
};

const ofTheCLibrary = ['linux-vdso.so.1', 'libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0'];
