// What the installer could have changed on a contained node, so that a test can tell whether it has.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every path in the folders that the installer writes to, with what tells a change. */
export function snapshot(at: (path: string) => string): Record<string, string> {
  const entries = ['etc', 'opt', 'run/bulkhead.lock', 'var/lib/bulkhead'].flatMap((top) => walk(at(top)));
  return Object.fromEntries(entries.map((path) => [path, `${lstatSync(path).mtimeMs} ${lstatSync(path).ino}`]));
}

function walk(path: string): string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isDirectory() ? [path, ...readdirSync(path).flatMap((name) => walk(join(path, name)))] : [path];
}
