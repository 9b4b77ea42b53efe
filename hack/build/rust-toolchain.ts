// Recipe of the Rust that builds everything: Debian's from a newer release than most machines have, run from its own folder.

import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { openDebianSuite, type DebianSuite } from './debian-suite.ts';
import type { BuildContext, Recipe } from './recipe.ts';

/** The environment in which `cargo` and `rustc` are the wanted ones. */
export type RustEnvironment = Readonly<Record<'PATH' | 'RUSTC', string>>;

/** The file of the artifact with the terms of the standard library, which every program has in it. */
export const rustCopyright = 'copyright';

const programs = ['cargo', 'rustc'];
/** The C compiler comes along as a dependency, but the machine's own links for the machine's C library. */
const unused = ['include', 'lib/gcc', 'libexec', 'sbin', 'share'].map((folder) => `usr/${folder}`);

/** A machine's own Rust is never asked: it may be too old, and two of them make two different payloads. */
export const rust = (): Recipe => ({
  version: pins.rust.version,
  what: `${programs.join(' and ')} with their libraries`,
  needs: [],
  inputs: { suite: pins.debianVm.version, unused, launcher: launcher('rustc'), layout: 1 },
  build,
});

/** @param folder the artifact's */
export const rustEnvironment = (folder: string, path = process.env['PATH'] ?? ''): RustEnvironment => ({
  PATH: `${join(folder, 'bin')}${delimiter}${path}`,
  // Cargo asks this before PATH, and the user may have set it.
  RUSTC: join(folder, 'bin', 'rustc'),
});

/** Runs a program with the C library that it was built for, which is newer than the machine's; its children get none of it. */
export const launcher = (program: string): string =>
  [
    '#!/bin/sh',
    'root=${0%/*}/../usr',
    'set -- "$root"/lib/*-linux-gnu/ld-linux-*.so.* "$@"',
    'loader=$1',
    'shift',
    `exec "$loader" --library-path "\${loader%/*}" "$root/bin/${program}" "$@"`,
    '',
  ].join('\n');

const build = async ({ into, scratch, logFile, say }: BuildContext): Promise<void> => {
  const suite = await openDebianSuite(pins.debianVm.version, { folder: scratch, logFile, say });
  for (const file of await fetchPackages(suite, scratch, say)) {
    await run(['dpkg-deb', '--extract', file, into], { logFile });
  }
  await copyFile(join(into, 'usr/share/doc/libstd-rust-web-dev/copyright'), join(into, rustCopyright));
  await run(['rm', '-rf', ...unused], { cwd: into });
  await mkdir(join(into, 'bin'));
  for (const program of programs) {
    const path = join(into, 'bin', program);
    await writeFile(path, launcher(program));
    await chmod(path, 0o755);
    await run([path, '--version'], { logFile });
  }
};

/** Debian serves one version of a release's packages, and a newer one after an update of the release. */
export const fetchPackages = async (
  suite: Pick<DebianSuite, 'closure'>,
  scratch: string,
  say: BuildContext['say'],
): Promise<readonly string[]> => {
  try {
    return await suite.closure([`cargo-web=${pins.rust.version}`], join(scratch, 'pinned'));
  } catch (error) {
    say(`Rust ${pins.rust.version} is not to be had: taking Debian's newer one (${String(error).split('\n')[0]})`);
    return suite.closure(['cargo-web'], join(scratch, 'newer'));
  }
};
