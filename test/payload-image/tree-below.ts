// A folder as one value: mode and content, or target, of everything in it.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** By path. @param name a text in files that stands for the folder itself, e.g. its own name */
export function treeBelow(folder: string, name = ''): Record<string, string> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).toSorted();
  return Object.fromEntries(paths.flatMap((path) => describe(folder, path, name)));
}

function describe(folder: string, path: string, name: string): [string, string][] {
  const at = join(folder, path);
  const stat = lstatSync(at);
  if (stat.isSymbolicLink()) return [[path, `-> ${readlinkSync(at)}`]];
  if (stat.isDirectory()) return [];
  const text = readFileSync(at, 'latin1');
  const content = name === '' ? text : text.replaceAll(name, '{name}');
  return [[path, `${(stat.mode & 0o7777).toString(8)} ${createHash('sha256').update(content).digest('hex')}`]];
}
