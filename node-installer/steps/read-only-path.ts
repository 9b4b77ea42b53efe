// Finds out whether the host itself, not this container, can write to a path.
import type { Host } from '../host/host.ts';

/** The first of the paths that is, or would be, on a file system that the host has mounted read-only. */
export async function readOnlyPath(host: Host, paths: readonly string[]): Promise<string | undefined> {
  const mounts = parseMounts(new TextDecoder().decode(await host.read('/proc/1/mounts')));
  for (const path of paths) {
    const real = await host.realPath(path);
    const mount = mounts
      .filter(({ at }) => isBelow(real, at))
      .reduce((a, b) => (b.at.length >= a.at.length ? b : a), nowhere);
    if (mount.readOnly) return path;
  }
  return undefined;
}

type Mount = { readonly at: string; readonly readOnly: boolean };

const nowhere: Mount = { at: '', readOnly: false };

/** *Source*: fstab(5): blanks and the like in paths are octal escapes. */
function parseMounts(text: string): Mount[] {
  const lines = text.split('\n').map((line) => line.split(' '));
  return lines.flatMap(([, at, , options]) => {
    if (at === undefined || options === undefined) return [];
    const path = at.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return [{ at: path, readOnly: options.split(',').includes('ro') }];
  });
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
