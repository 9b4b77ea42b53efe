// Builds libkrun, the VMM as a library, from its published crate and the dependencies that the crate locks.

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

import { ensureCommands, ensurePackages } from '../build/debian-packages.ts';
import type { BuildContext } from '../build/recipe.ts';
import { rustCopyright, rustEnvironment } from '../build/rust-toolchain.ts';
import type { Part } from '../images/spdx.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { crateParts } from './crate-parts.ts';
import { copyCrateLicenses, licensesFolder } from './licenses.ts';

const { version } = pins.libkrun;

/** The payload has Debian's libzstd anyway; compiling another one takes longer than any crate. */
export const crateSwitches = { ZSTD_SYS_USE_PKG_CONFIG: '1' };

export const buildVmm = async ({ into, scratch, logFile, say, from }: BuildContext): Promise<readonly Part[]> => {
  await ensureCommands({ gcc: 'gcc', strip: 'binutils', 'pkg-config': 'pkg-config' }, say);
  // The program that becomes the guest's first process is C, linked statically.
  await ensurePackages(['libc6-dev', 'libzstd-dev'], say);
  const env = { ...rustEnvironment(from('rust')), ...crateSwitches, CARGO_TARGET_DIR: join(scratch, 'target') };
  const inFolder =
    (cwd: string): Cargo =>
    (...args) =>
      run(['cargo', ...args], { cwd, env, logFile });
  const cargo = inFolder(await fetchCrate(join(scratch, 'fetch'), inFolder));
  await cargo('build', '--release', '--locked', '--jobs', String(Math.min(2, availableParallelism())));
  const library = join(into, 'lib', 'libkrun.so.1');
  await copyFile(join(scratch, 'target/release/libkrun.so'), library);
  await run(['strip', '--strip-unneeded', library], { logFile });
  const tree = await cargo('tree', '--locked', '--edges', 'normal', '--prefix', 'none', '--format', '{p}\t{l}');
  const crates = crateParts(tree);
  await copyCrateLicenses(crates, await sourceFolders(cargo, '--locked'), join(into, licensesFolder));
  await copyFile(join(from('rust'), rustCopyright), join(into, licensesFolder, 'rust-std'));
  return [...crates, rustStandardLibrary(await cargo('--version'))];
};

type Cargo = (...args: readonly string[]) => Promise<string>;

/** Fetches the crate by naming it as a dependency, and gives the folder of its source, which has a lock file of its own. */
const fetchCrate = async (folder: string, inFolder: (cwd: string) => Cargo): Promise<string> => {
  await mkdir(join(folder, 'src'), { recursive: true });
  const manifest = ['[package]', 'name = "fetch"', 'version = "0.0.0"', 'edition = "2021"', '[dependencies]'];
  await writeFile(join(folder, 'Cargo.toml'), `${manifest.join('\n')}\nlibkrun = "=${version}"\n`);
  await writeFile(join(folder, 'src/lib.rs'), '');
  const cargo = inFolder(folder);
  return (await sourceFolders(cargo)).get(`libkrun ${version}`) ?? '';
};

/** Where cargo has the source of each crate, by `name version`. */
const sourceFolders = async (cargo: Cargo, ...flags: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const [, host = ''] = /^host: (.*)$/m.exec(await cargo('version', '--verbose')) ?? [];
  const text = await cargo('metadata', '--format-version', '1', '--filter-platform', host, ...flags);
  const { packages } = JSON.parse(text) as { packages: Record<'name' | 'version' | 'manifest_path', string>[] };
  return new Map(packages.map((crate) => [`${crate.name} ${crate.version}`, dirname(crate.manifest_path)]));
};

/** Linked into everything that Rust builds. */
const rustStandardLibrary = (cargoVersion: string): Part => {
  const [, release = ''] = /^cargo (\S+)/.exec(cargoVersion) ?? [];
  const purl = `pkg:generic/rust-std@${release}`;
  return { name: 'rust-std', version: release, purl, license: 'MIT OR Apache-2.0' };
};
