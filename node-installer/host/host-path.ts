// Resolves a host path under the folder where the host's root is seen; the host's links are followed inside that folder.
import { readlink } from 'node:fs/promises';
import { posix } from 'node:path';

/** As many links as Linux follows. */
const maxLinks = 40;

/**
 * `path` without symbolic links. What does not exist is kept as it is written.
 * *Guarantees*: no link leads out of `root`; `..` at the root stays there, as in a chroot.
 */
export async function resolveHostPath(root: string, path: string): Promise<string> {
  let resolved = '/';
  let rest = split(path);
  for (let links = 0; rest.length > 0;) {
    const next = posix.join(resolved, rest[0] ?? '');
    const target = await linkTarget(posix.join(root, next));
    if (target === undefined) {
      resolved = next;
      rest = rest.slice(1);
      continue;
    }
    if (++links > maxLinks) throw new Error(`Cannot resolve ${path}: more than ${maxLinks} symbolic links.`);
    rest = [...split(target), ...rest.slice(1)];
    if (target.startsWith('/')) resolved = '/';
  }
  return resolved;
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch {
    return undefined;
  }
}
