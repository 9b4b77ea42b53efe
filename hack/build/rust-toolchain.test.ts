// The Rust toolchain: which one a build takes, and how its programs are started from a folder.

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { fetchPackages, launcher, rustEnvironment } from './rust-toolchain.ts';

describe('rustEnvironment()', () => {
  it('puts the project’s Rust before whatever the machine has', () => {
    const env = rustEnvironment('/cache/rust', '/home/me/.cargo/bin:/usr/bin');
    expect(env.PATH).toBe('/cache/rust/bin:/home/me/.cargo/bin:/usr/bin');
    expect(env.RUSTC).toBe('/cache/rust/bin/rustc');
  });
});

describe('launcher()', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rust-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const script = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
    await chmod(join(folder, path), 0o755);
  };

  it('starts the program by the loader beside its libraries, with arguments whole and the environment as it was', async () => {
    const loader = '#!/bin/sh\nprintf "%s\\n" "$@" "LD_LIBRARY_PATH=$LD_LIBRARY_PATH"\n';
    await script('usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', loader);
    await script('bin/rustc', launcher('rustc'));
    const output = await run([join(folder, 'bin/rustc'), '--print', 'a b'], { env: { LD_LIBRARY_PATH: '/mine' } });
    const usr = `${folder}/bin/../usr`;
    expect(output.trimEnd().split('\n')).toEqual([
      '--library-path',
      `${usr}/lib/x86_64-linux-gnu`,
      `${usr}/bin/rustc`,
      '--print',
      'a b',
      'LD_LIBRARY_PATH=/mine',
    ]);
  });
});

describe('fetchPackages()', () => {
  const pinned = `cargo-web=${pins.rust.version}`;
  /** A suite that has these packages, and gives each its name as file. */
  const suiteWith = (...served: readonly string[]) => ({
    closure: async (names: readonly string[]) => {
      if (names.every((name) => served.includes(name))) return names;
      throw new Error(`Version of ${names.join()} was not found\nmore`);
    },
  });

  it('takes the pinned version where Debian has it', async () => {
    const said: string[] = [];
    const files = await fetchPackages(suiteWith(pinned, 'cargo-web'), '', (line) => said.push(line));
    expect(files).toEqual([pinned]);
    expect(said).toEqual([]);
  });

  it('takes the newer one that replaced it, and says so', async () => {
    const said: string[] = [];
    const files = await fetchPackages(suiteWith('cargo-web'), '', (line) => said.push(line));
    expect(files).toEqual(['cargo-web']);
    expect(said).toEqual([expect.stringMatching(/^Rust \S+ is not to be had: .*was not found\)$/)]);
  });
});
