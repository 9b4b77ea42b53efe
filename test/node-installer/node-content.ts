// What an installer could have changed on a contained node, as data to compare.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainedNode } from './contained-node.ts';

/** Every file with its text and every folder, without the note that only spares a look at the clocks. */
export function contentOf({ at }: ContainedNode): Record<string, string> {
  const walk = (path: string): [string, string][] => {
    if (!existsSync(at(path)) || path.endsWith('/loaded.json')) return [];
    if (!statSync(at(path)).isDirectory()) return [[path, readFileSync(at(path), 'utf8')]];
    return [[path, 'folder'], ...readdirSync(at(path)).flatMap((name) => walk(join(path, name)))];
  };
  return Object.fromEntries(['/etc', '/opt', '/var/lib/bulkhead'].flatMap(walk));
}
