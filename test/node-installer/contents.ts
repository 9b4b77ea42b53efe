// Everything in some folders of a contained node, with its bytes, so that a test can tell that a removal leaves nothing.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainedNode } from './contained-node.ts';

/** By default the folders that the installer writes to on every node, and those that are named. */
export function contentsOf({ at }: ContainedNode, ...more: readonly string[]): Record<string, string> {
  return Object.fromEntries(['/etc', '/opt', '/var/lib/bulkhead', ...more].flatMap((top) => walk(at(top))));
}

function walk(path: string): [string, string][] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [[path, readFileSync(path, 'utf8')]];
  return [[path, 'a folder'], ...readdirSync(path).flatMap((name) => walk(join(path, name)))];
}
