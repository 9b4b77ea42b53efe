// The file part of a real host, seen under a folder; every write is on the disk before it returns.
import { constants, createReadStream } from 'node:fs';
import {
  lstat,
  mkdir,
  open,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type FileStat, type Host, unfinishedPath, WriteRefused } from './host.ts';
import { resolveHostPath } from './host-path.ts';

type HostFiles = Pick<
  Host,
  | 'read'
  | 'readChunks'
  | 'stat'
  | 'readLink'
  | 'list'
  | 'realPath'
  | 'freeBytes'
  | 'openDevice'
  | 'makeFolder'
  | 'writeNew'
  | 'append'
  | 'makeLink'
  | 'replace'
  | 'rename'
  | 'removeFile'
  | 'removeTree'
  | 'removeEmptyFolder'
>;

const refusals: Readonly<Record<string, WriteRefused['why']>> = {
  ENOSPC: 'Full',
  EDQUOT: 'OverQuota',
  EROFS: 'ReadOnly',
};

/** Gives one file the SELinux label of another; both as host paths. */
export type CopyLabel = (from: string, to: string) => Promise<void>;

export function realFiles(root: string, copyLabel: CopyLabel = async () => {}): HostFiles {
  const seen = async (path: string) => join(root, await resolveHostPath(root, path));
  const writing = (path: string, write: (at: string) => Promise<void>, neededBytes?: number) =>
    refusable(root, { path, neededBytes }, async () => write(await seen(path)));
  /** The path itself, even if it is a link. */
  const beside = async (path: string) => join(await seen(dirname(path)), basename(path));
  return {
    read: async (path) => orAbsent(readFile(await seen(path))),
    readChunks: async function* (path) {
      yield* createReadStream(await seen(path), { highWaterMark: 1024 * 1024 });
    },
    stat: async (path) => orAbsent(statOf(await seen(path))),
    readLink: async (path) => linkTarget(await beside(path)),
    list: async (path) => ((await orAbsent(readdir(await seen(path)))) ?? []).toSorted(),
    realPath: (path) => resolveHostPath(root, path),
    freeBytes: async (path) => freeBytes(root, await resolveHostPath(root, path)),
    openDevice: async (path) => openDevice(await seen(path)),
    makeFolder: (path, mode) => writing(path, (at) => makeFolder(at, mode)),
    writeNew: (path, chunks, mode) => writing(path, (at) => writeFileSynced(at, 'wx', chunks, mode)),
    append: (path, chunks, mode) => writing(path, (at) => append(at, chunks, mode)),
    makeLink: (path, target) => writing(dirname(path), (at) => makeLink(join(at, basename(path)), target)),
    replace: (path, bytes, mode) =>
      writing(
        path,
        (at) => replace(at, bytes, mode, (from, to) => copyLabel(hostPath(root, from), hostPath(root, to))),
        bytes.length,
      ),
    rename: (from, to) => writing(to, async (at) => renameSynced(await seen(from), at)),
    removeFile: (path) => writing(path, (at) => remove(at, false)),
    removeTree: (path) => writing(path, (at) => remove(at, true)),
    removeEmptyFolder: (path) => writing(path, removeEmptyFolder),
  };
}

/** Translates what the disk says; `path` is the host's. */
export async function refusable<T>(
  root: string,
  { path, neededBytes }: { readonly path: string; readonly neededBytes?: number | undefined },
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const why = refusals[codeOf(error)];
    if (why === undefined) throw error;
    throw new WriteRefused(
      { path, why, neededBytes, freeBytes: await freeBytes(root, await resolveHostPath(root, path)) },
      error,
    );
  }
}

function hostPath(root: string, seen: string): string {
  return `/${relative(root, seen)}`;
}

async function statOf(path: string): Promise<FileStat> {
  const entry = await stat(path);
  const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
  const changedMs = Math.max(entry.mtimeMs, entry.ctimeMs);
  return { kind, mode: entry.mode & 0o7777, sizeBytes: entry.size, changedMs };
}

async function freeBytes(root: string, path: string): Promise<number> {
  const found = await orAbsent(statfs(join(root, path)));
  if (found) return found.bavail * found.bsize;
  return freeBytes(root, dirname(path));
}

async function openDevice(path: string): ReturnType<Host['openDevice']> {
  try {
    await (await open(path, constants.O_RDWR)).close();
    return 'Opened';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'Absent';
    return codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' ? 'Denied' : 'Broken';
  }
}

/** Each missing folder is made with the mode, whatever the umask, and synced into the one above it. */
async function makeFolder(path: string, mode: number): Promise<void> {
  if (await orAbsent(lstat(path))) return;
  await makeFolder(dirname(path), mode);
  await mkdir(path);
  await withFile(path, 'r', (handle) => handle.chmod(mode));
  await syncFolder(dirname(path));
}

async function linkTarget(path: string): Promise<string | undefined> {
  const entry = await orAbsent(lstat(path));
  return entry?.isSymbolicLink() ? readlink(path) : undefined;
}

async function makeLink(path: string, target: string): Promise<void> {
  await symlink(target, path);
  await syncFolder(dirname(path));
}

/** What could not be written whole is taken away again. */
async function writeFileSynced(
  path: string,
  flags: 'w' | 'wx',
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mode: number,
  owner?: { uid: number; gid: number },
): Promise<void> {
  await withFile(path, flags, async (handle) => {
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk);
      if (owner) await handle.chown(owner.uid, owner.gid);
      await handle.chmod(mode);
      await handle.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  });
}

/** Not synced: whoever goes on with such a file checks what is in it. */
async function append(path: string, chunks: AsyncIterable<Uint8Array>, mode: number): Promise<void> {
  await withFile(path, 'a', async (handle) => {
    await handle.chmod(mode);
    for await (const chunk of chunks) await handle.writeFile(chunk);
  });
}

async function replace(path: string, bytes: Uint8Array, newMode: number, copyLabel: CopyLabel): Promise<void> {
  const old = await orAbsent(stat(path));
  const temporary = unfinishedPath(path);
  await writeFileSynced(temporary, 'w', [bytes], old ? old.mode & 0o7777 : newMode, old);
  if (old) await copyLabel(path, temporary);
  try {
    await renameSynced(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

async function remove(path: string, recursive: boolean): Promise<void> {
  if (!(await orAbsent(lstat(path)))) return;
  await rm(path, { recursive });
  await syncFolder(dirname(path));
}

async function removeEmptyFolder(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return;
    throw error;
  }
  await syncFolder(dirname(path));
}

function syncFolder(path: string): Promise<void> {
  return withFile(path, 'r', (handle) => handle.sync());
}

async function withFile(path: string, flags: string, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
