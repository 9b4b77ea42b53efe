// The names in an archive, judged before anyone acts on them. Pure.
import { posix } from 'node:path';
import { UnfitPayload } from './unfit-payload.ts';

/**
 * The name as a path inside the payload, without `./` and a slash at its end; empty for the root itself.
 * *Errors*: throws for a name that leads out of the payload.
 */
export function entryPath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.includes('..') || name.includes('\0')) {
    throw new UnfitPayload(
      'PayloadClimbsOut',
      `Cannot use the archive: its entry ${JSON.stringify(name)} leads out of it.`,
    );
  }
  return parts.join('/');
}

/**
 * Where a link leads, as a path inside the payload; `undefined` for a target outside of it.
 * @param root folder that the payload believes to lie in, e.g. `/opt/kata`: what is absolute below it is inside
 */
export function linkDestination(path: string, target: string, root: string | undefined): string | undefined {
  const inRoot = root !== undefined && `${target}/`.startsWith(`${root}/`);
  if (target.startsWith('/') && !inRoot) return undefined;
  const joined = inRoot ? target.slice(root.length + 1) : posix.join(posix.dirname(path), target);
  const destination = posix.normalize(joined || '.');
  return destination === '..' || destination.startsWith('../') ? undefined : destination.replace(/\/$/, '');
}
