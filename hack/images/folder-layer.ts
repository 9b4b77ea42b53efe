// Describes a folder of this machine as an image layer. It reads names and modes, no content.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentLayer, LayerFile } from '../image/layer-entries.ts';

/** Every regular file in the folder, at the same place below `at`, with its permission bits. */
export async function folderLayer(folder: string, at = '/'): Promise<ContentLayer> {
  const files: LayerFile[] = [];
  for (const path of (await readdir(folder, { recursive: true })).toSorted()) {
    const from = join(folder, path);
    const info = await stat(from);
    if (info.isFile()) files.push({ from, to: join(at, path), mode: info.mode & 0o777 });
  }
  return { files };
}
