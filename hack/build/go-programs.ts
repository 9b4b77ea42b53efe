// Builds programs of published Go modules, all of one recipe by one `go build`. It decides no versions.

import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { ensureCommands, ensurePackages } from './debian-packages.ts';
import { findGo, type GoEnvironment } from './go-toolchain.ts';
import type { BuildContext, Recipe } from './recipe.ts';

export interface GoPrograms {
  /** Module path → version; the first one's version is the artifact's. */
  readonly modules: Readonly<Record<string, string>>;
  /** File name → package path. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Package variable → value, set by the linker. */
  readonly set?: Readonly<Record<string, string>>;
  /** Debian packages of C libraries; the build uses cgo if there are any. */
  readonly libraries?: readonly string[];
  /** Version of the modules that the first module replaces by its own folders (Kubernetes' staging). */
  readonly staging?: string;
  /** One text changed in the first module's source. */
  readonly patch?: { readonly file: string; readonly from: string; readonly to: string };
  /** Whether the first module's own go.sum vouches for what it needs: for versions that the checksum database has lost. */
  readonly ownSums?: true;
  /** Text of an own main.go, for a program put together from a module's packages; package path `.`. */
  readonly main?: string;
}

/** How many compilers or linkers may run at once: linking Kubernetes takes about 2 GiB each, and two builds may run. */
export const goParallelism = (cores: number, memoryBytes: number): number =>
  Math.max(1, Math.min(cores, Math.floor(memoryBytes / 2 ** 32)));

/** The name that `go build -o folder/` gives a package's program. */
export const defaultProgramName = (packagePath: string): string => {
  const parts = packagePath.split('/').filter((part, index, all) => index < all.length - 1 || !/^v\d+$/.test(part));
  return parts.at(-1) ?? packagePath;
};

export const goPrograms = (spec: GoPrograms): Recipe => {
  const count = Object.keys(spec.programs).length;
  return {
    version: Object.values(spec.modules)[0] ?? '',
    what: count === 1 ? '1 program' : `${count} programs`,
    needs: [],
    inputs: { go: pins.go.version, ...spec },
    build: (context) => build(spec, context),
  };
};

const build = async (spec: GoPrograms, context: BuildContext): Promise<void> => {
  const { into, scratch, logFile, say } = context;
  const cgo = spec.libraries !== undefined;
  if (cgo) {
    await ensureCommands({ gcc: 'gcc', 'pkg-config': 'pkg-config' }, say);
    await ensurePackages(['libc6-dev', ...spec.libraries], say);
  }
  const go = { ...(await findGo(say)), CGO_ENABLED: cgo ? '1' : '0', GOWORK: 'off' };
  await writeModule(spec, scratch, go, logFile);
  const link = ['-s', '-w', ...Object.entries(spec.set ?? {}).map(([name, value]) => `-X ${name}=${value}`)];
  const flags = ['-mod=mod', '-trimpath', '-p', String(goParallelism(availableParallelism(), totalmem()))];
  const command = ['go', 'build', ...flags, '-buildvcs=false', '-tags', spec.tags ?? '', '-ldflags', link.join(' ')];
  const single = Object.keys(spec.programs).length === 1 ? Object.keys(spec.programs)[0] : undefined;
  const output = single === undefined ? `${into}/` : join(into, single);
  await run([...command, '-o', output, ...Object.values(spec.programs)], { cwd: scratch, env: go, logFile });
  if (single === undefined) await giveNames(spec.programs, into);
};

const giveNames = async (programs: GoPrograms['programs'], folder: string): Promise<void> => {
  for (const [name, packagePath] of Object.entries(programs)) {
    const given = defaultProgramName(packagePath);
    if (given !== name) await rename(join(folder, given), join(folder, name));
  }
};

/** Writes a module that requires the wanted ones, so that their own replace lines do not count. */
const writeModule = async (spec: GoPrograms, folder: string, go: GoEnvironment, logFile: string): Promise<void> => {
  const lines = ['module build', '', 'go 1.26.0', ''];
  for (const [path, version] of Object.entries(spec.modules)) lines.push(`require ${path} ${version}`);
  if (spec.staging !== undefined) lines.push(...(await stagingReplacements(spec, spec.staging, go, logFile)));
  if (spec.patch !== undefined) lines.push(await patchedModule(spec, spec.patch, folder, go, logFile));
  await writeFile(join(folder, 'go.mod'), `${lines.join('\n')}\n`);
  if (spec.ownSums) await writeFile(join(folder, 'go.sum'), await ownSums(spec, go, logFile));
  if (spec.main !== undefined) await writeFile(join(folder, 'main.go'), spec.main);
};

/** One line for every module that the first module takes from a folder of its own repository. */
const stagingReplacements = async (
  spec: GoPrograms,
  version: string,
  go: GoEnvironment,
  logFile: string,
): Promise<string[]> => {
  const { GoMod } = await download(spec, go, logFile);
  const text = await run(['go', 'mod', 'edit', '-json', GoMod], { env: go, logFile });
  const { Replace } = JSON.parse(text) as { Replace: { Old: { Path: string }; New: { Path: string } }[] };
  return Replace.filter((line) => line.New.Path.startsWith('./')).map(
    (line) => `replace ${line.Old.Path} => ${line.Old.Path} ${version}`,
  );
};

/** Copies the first module and changes it (an overlay refuses files of the module cache); gives the replace line. */
const patchedModule = async (
  spec: GoPrograms,
  patch: NonNullable<GoPrograms['patch']>,
  folder: string,
  go: GoEnvironment,
  logFile: string,
): Promise<string> => {
  const { Path, Dir } = await download(spec, go, logFile);
  const copy = join(folder, 'patched');
  await mkdir(copy);
  await cp(Dir, copy, { recursive: true });
  await run(['chmod', '-R', 'u+w', copy], { logFile });
  const before = await readFile(join(copy, patch.file), 'utf8');
  if (!before.includes(patch.from)) {
    throw new Error(`Cannot patch ${Path}: ${patch.file} has no "${patch.from}". Look for what replaced it upstream.`);
  }
  await writeFile(join(copy, patch.file), before.replace(patch.from, patch.to));
  return `replace ${Path} => ./patched`;
};

const ownSums = async (spec: GoPrograms, go: GoEnvironment, logFile: string): Promise<string> =>
  readFile(join((await download(spec, go, logFile)).Dir, 'go.sum'), 'utf8');

const download = async (
  spec: GoPrograms,
  go: GoEnvironment,
  logFile: string,
): Promise<{ Path: string; Dir: string; GoMod: string }> => {
  const [path = '', version = ''] = Object.entries(spec.modules)[0] ?? [];
  const text = await run(['go', 'mod', 'download', '-json', `${path}@${version}`], {
    cwd: folderOutsideModules,
    env: go,
    logFile,
  });
  return JSON.parse(text) as { Path: string; Dir: string; GoMod: string };
};

/** `go mod download` must not find a go.mod on its way up. */
const folderOutsideModules = '/';
