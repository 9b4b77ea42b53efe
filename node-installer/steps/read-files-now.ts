// Reads the files that a config change is about, as they are now.
import { dirname } from 'node:path/posix';
import type { ConfigTree } from '../engine/containerd/config-tree.ts';
import type { Host } from '../host/host.ts';
import { dropInPath, type FilesNow } from './config-change.ts';
import { originalPath, parseRecord, recordPath } from './root-record.ts';

export async function readFilesNow(host: Host, tree: ConfigTree, runtime: string): Promise<FilesNow> {
  const [dropIn, record, original] = await Promise.all(
    [dropInPath(runtime), recordPath, originalPath].map((path) => readText(host, path)),
  );
  const rootFolderIsThere = (await host.stat(dirname(tree.rootPath))) !== undefined;
  return { tree, rootFolderIsThere, dropIn, record: parseRecord(record), recordText: record, original };
}

/** *Guarantees*: the text has every byte of the file, a byte order mark too, or this throws. */
export async function readText(host: Host, path: string): Promise<string | undefined> {
  const bytes = await host.read(path);
  return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
