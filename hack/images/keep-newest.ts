// Keeps the cache small: of files and folders that differ in their content hash alone, the newest stay.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes all but the newest `count` of `<name>-<hash8>` and `<name>-<hash8>.tar` in the folder. */
export async function keepNewest(folder: string, name: string, count: number): Promise<void> {
  const isOne = new RegExp(`^${name}-[0-9a-f]{8}(\\.tar)?$`);
  const paths = (await readdir(folder)).filter((file) => isOne.test(file)).map((file) => join(folder, file));
  const files = await Promise.all(paths.map(async (path) => ({ path, mtimeMs: (await stat(path)).mtimeMs })));
  const old = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs).slice(count);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
