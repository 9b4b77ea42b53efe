// Builds libkrun, the VMM as a library, from its published crate and the dependencies that the crate locks.

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { ensureCommands, ensurePackages, findCommand } from '../build/debian-packages.ts';
import type { BuildContext } from '../build/recipe.ts';
import type { Part } from '../images/spdx.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { crateParts } from './crate-parts.ts';

const { version } = pins.libkrun;

export const buildVmm = async ({ into, scratch, logFile, say }: BuildContext): Promise<readonly Part[]> => {
  await ensureCommands({ gcc: 'gcc', strip: 'binutils' }, say);
  // The program that becomes the guest's first process is C, linked statically.
  await ensurePackages(['libc6-dev'], say);
  if ((await findCommand('cargo')) === undefined) {
    throw new Error('Cannot build libkrun: there is no cargo here. Install Rust (1.85 or later) and run this again.');
  }
  const crate = await fetchCrate(join(scratch, 'crates'), logFile);
  const env = { CARGO_TARGET_DIR: join(scratch, 'target') };
  const cargo = (...args: readonly string[]) => run(['cargo', ...args], { cwd: crate, env, logFile });
  await cargo('build', '--release', '--locked', '--jobs', String(Math.min(2, availableParallelism())));
  const library = join(into, 'lib', 'libkrun.so.1');
  await copyFile(join(scratch, 'target/release/libkrun.so'), library);
  await run(['strip', '--strip-unneeded', library], { logFile });
  return crateParts(await cargo('tree', '--locked', '--edges', 'normal', '--prefix', 'none', '--format', '{p}\t{l}'));
};

/** The crate's source with its own lock file, beside all its dependencies. */
const fetchCrate = async (folder: string, logFile: string): Promise<string> => {
  await mkdir(join(folder, 'src'), { recursive: true });
  const manifest = ['[package]', 'name = "fetch"', 'version = "0.0.0"', 'edition = "2021"', '[dependencies]'];
  await writeFile(join(folder, 'Cargo.toml'), `${manifest.join('\n')}\nlibkrun = "=${version}"\n`);
  await writeFile(join(folder, 'src/lib.rs'), '');
  await run(['cargo', 'vendor', '--versioned-dirs', 'vendor'], { cwd: folder, logFile });
  return join(folder, 'vendor', `libkrun-${version}`);
};
