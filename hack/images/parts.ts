// Says what went into an image, from what each packager leaves behind. Pure.
import type { DebianPackage } from './debian-files.ts';
import type { Part } from './spdx.ts';

/** What is read of package-lock.json. */
export type Lock = {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly license?: string }>>;
};

/** npm packages that a bundle holds code of. @param modules absolute paths of the bundled files */
export function npmParts(modules: readonly string[], lock: Lock): Part[] {
  return npmFolders(modules).map((folder) => npmPart(folder, lock));
}

/** Where the packages lie, e.g. `node_modules/zod`; each once. */
export function npmFolders(modules: readonly string[]): string[] {
  return [...new Set(modules.flatMap((path) => packageFolder(path) ?? []))].toSorted();
}

function npmPart(folder: string, lock: Lock): Part {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const { version, license } = lock.packages[folder] ?? {};
  if (!version)
    throw new Error(`Cannot list ${name} in the SBOM: package-lock.json has no ${folder}. Run npm install.`);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { name, version, purl, ...(license && { license }) };
}

/** `node_modules/a/node_modules/@b/c`, the lock file's key, of a file in it. */
function packageFolder(path: string): string | undefined {
  return /\/(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

/** Source of each package's licence: its `copyright` file. */
const debianLicenses: Readonly<Record<string, string>> = {
  libc6: 'LGPL-2.1-or-later',
  'libgcc-s1': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  'libstdc++6': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  'busybox-static': 'GPL-2.0-only',
  'util-linux': 'GPL-2.0-or-later',
  libcap2: 'BSD-3-Clause OR GPL-2.0-only',
  libgcrypt20: 'LGPL-2.1-or-later',
  'libgpg-error0': 'LGPL-2.1-or-later',
  'liblz4-1': 'BSD-2-Clause',
  liblzma5: '0BSD',
  libseccomp2: 'LGPL-2.1-only',
  libsystemd0: 'LGPL-2.1-or-later',
  libzstd1: 'BSD-3-Clause OR GPL-2.0-only',
};

export function debianPart({ name, version, arch, sha256 }: DebianPackage): Part {
  const license = debianLicenses[name];
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}`;
  return { name, version, purl, sha256, ...(license && { license }) };
}

export function nodePart(version: string): Part {
  return { name: 'node', version, purl: `pkg:generic/node@${version}`, license: 'MIT' };
}

/** Go modules of a program. @param output what `go version -m` says; a replaced module counts as what replaced it */
export function goParts(output: string): Part[] {
  const lines = output.split('\n').map((line) => line.trim().split('\t'));
  const parts = lines.flatMap(([kind, path, version], index) => {
    if ((kind !== 'dep' && kind !== 'mod') || !path || !version || version === '(devel)') return [];
    const [next, other, otherVersion] = lines[index + 1] ?? [];
    const replaced = next === '=>' && other && otherVersion && otherVersion !== '(devel)';
    return [replaced ? goPart(other, otherVersion) : goPart(path, version)];
  });
  const toolchain = /: go([\d.]+)/.exec(output)?.[1];
  return toolchain ? [goPart('stdlib', toolchain), ...parts] : parts;
}

function goPart(name: string, version: string): Part {
  return { name, version, purl: `pkg:golang/${name}@${version}` };
}
