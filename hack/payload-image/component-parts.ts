// What a payload is made of, for its bill of materials: components with their versions and files, and the archives. Pure.
import { basename } from 'node:path';
import { parse } from 'yaml';
import type { Digest } from '../../crds/payload-source.ts';
import type { Family } from '../../runtime/family.ts';
import type { Part } from '../images/spdx.ts';
import type { GivenArchive } from './payload-command.ts';
import type { PresentComponent } from '../images/split-by-component.ts';

type Made = { readonly version: string; readonly versionsText: string | undefined };

/** @param sha1 of each file, which SPDX wants beside sha256 */
export function componentParts(
  { version, versionsText }: Made,
  components: readonly PresentComponent[],
  sha1: ReadonlyMap<string, string>,
): Part[] {
  const listed: unknown = versionsText === undefined ? undefined : parse(versionsText);
  return components.map(({ component: { name, license, listedAt }, files }) => {
    const { version: own = listedAt === undefined ? version : 'unknown', url } = entryAt(listed, listedAt);
    return {
      name,
      version: own,
      purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(own)}`,
      ...(license !== undefined && { license }),
      ...(url !== undefined && { source: url }),
      files: files.map(({ path, sha256 }) => ({ path, sha256, sha1: sha1.get(path) ?? '' })),
    };
  });
}

/** An archive that the catalogue knows by its digest has the catalogue's address, wherever it came from this time. */
export function archivePart({ from, digest }: GivenArchive, family: Family, version: string): Part {
  const known = family.versions
    .flatMap(({ archives = [] }) => archives)
    .find((archive) => archive.digest !== undefined && isSame(archive.digest, digest));
  const source = known?.url ?? (/^https?:/.test(from) ? from : undefined);
  const name = basename(source ?? from);
  return {
    name,
    version,
    purl: `pkg:generic/${encodeURIComponent(name)}@${version}?checksum=${digest.algorithm}:${digest.hex}`,
    [digest.algorithm]: digest.hex,
    ...(source !== undefined && { source }),
    isOrigin: true,
  };
}

function isSame(a: Digest, b: Digest): boolean {
  return a.algorithm === b.algorithm && a.hex === b.hex;
}

/** *Source*: Kata's versions.yaml: an entry has `version`, or the `tag` of a fork; a nested one has its parent's `url`. */
function entryAt(listed: unknown, keys: readonly string[] = []): { version?: string; url?: string } {
  let at: unknown = keys.length === 0 ? undefined : listed;
  let url: string | undefined;
  for (const key of keys) {
    if (!isTable(at)) return {};
    at = at[key];
    url = textAt(at, 'url') ?? url;
  }
  const version = textAt(at, 'version') ?? textAt(at, 'tag');
  return { ...(version !== undefined && { version }), ...(url !== undefined && { url }) };
}

function textAt(table: unknown, key: string): string | undefined {
  const value = isTable(table) ? table[key] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
