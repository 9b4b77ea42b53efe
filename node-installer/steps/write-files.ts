// Writes files of a config as they shall be, and puts them back as they were. It restarts nothing.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import type { FileChange } from '../engine/engine.ts';
import type { Host } from '../host/host.ts';
import { readText } from './read-files-now.ts';
import { restoringOrder, type Saved } from './undo-files.ts';

type WrittenFile = Pick<FileChange, 'path' | 'after' | 'mode'>;

/** In order, each file as a whole. */
export async function writeFiles(host: Host, files: readonly WrittenFile[]): Promise<void> {
  for (const { path, after, mode } of files) {
    // In order: what must be remembered is on the disk before what depends on it.
    if (after === undefined) {
      await host.removeFile(path);
      continue;
    }
    const folder = dirname(path);
    await host.makeFolder(folder, folder === hostPaths.state ? 0o700 : 0o755);
    await host.replace(path, new TextEncoder().encode(after), mode);
  }
}

/** What is as it was already is not written: the disk may be full. A file that is back has the mode it had. */
export async function putBack(host: Host, saved: readonly Saved[]): Promise<void> {
  for (const { path, before } of restoringOrder(saved)) {
    if ((await readText(host, path)) === before) continue;
    await writeFiles(host, [{ path, after: before, mode: 0o644 }]);
  }
}

/** Folders that the change has to make, the deepest first. */
export async function missingFolders(host: Host, files: readonly FileChange[]): Promise<string[]> {
  const folders = new Set(files.flatMap(({ path }) => above(path)));
  const found = await Promise.all([...folders].map(async (path) => ((await host.stat(path)) ? [] : [path])));
  return found.flat().toSorted((a, b) => b.length - a.length);
}

function above(path: string): string[] {
  const folder = dirname(path);
  return folder === '/' ? [] : [folder, ...above(folder)];
}
