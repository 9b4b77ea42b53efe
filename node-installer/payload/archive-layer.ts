// A payload source that is an archive: fetched onto the host, its digest checked, then streamed through, never held in memory.
import type { TaskSource } from '../../crds/payload-source.ts';
import type { Host } from '../host/host.ts';
import { describeHead, formatOf } from './archive-format.ts';
import { decompress } from './decompress.ts';
import { download, readHead, type Tell } from './download.ts';
import { type Layer, type LayerFile, type Listing, maxTextBytes, textOf } from './layer.ts';
import type { PayloadEntry } from './payload-tree.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';
import { UnfitPayload } from './unfit-payload.ts';

export type ArchiveSource = Extract<TaskSource, { kind: 'archive' }>;

/** @param folder where on the host the archive may lie meanwhile */
export function archiveLayer(
  host: Host,
  source: ArchiveSource,
  folder: string,
  root: string | undefined,
  tell: Tell,
): Layer {
  const { algorithm, hex } = source.digest;
  const file = `${folder}/.archive-${hex.slice(0, 12)}`;
  return {
    identity: `${algorithm}:${hex}`,
    list: async (texts) => {
      await download({ host, url: source.url, digest: source.digest, file, tell });
      return list(entriesOf(host, source, file, root), texts);
    },
    read: (paths) => read(entriesOf(host, source, file, root), paths),
    tidy: () => host.removeFile(file),
  };
}

async function list(entries: AsyncIterable<TarEntry>, wanted: ReadonlySet<string>): Promise<Listing> {
  const tree = new Map<string, PayloadEntry>();
  const texts = new Map<string, string>();
  for await (const { path, entry, content } of entries) {
    if (path === '') continue;
    tree.set(path, entry);
    if (entry.kind === 'file' && wanted.has(path) && entry.sizeBytes <= maxTextBytes)
      texts.set(path, await textOf(content));
  }
  return { tree, texts };
}

/** A path that is in the archive twice counts as it is there last, as tar has it. */
async function* read(entries: AsyncIterable<TarEntry>, paths: ReadonlySet<string>): AsyncIterable<LayerFile> {
  for await (const { path, entry, content } of entries) {
    if (entry.kind === 'file' && paths.has(path)) yield { path, chunks: content };
  }
}

/** *Errors*: throws in words for what is no archive, or one that is broken. */
async function* entriesOf(
  host: Host,
  { url }: ArchiveSource,
  file: string,
  root: string | undefined,
): AsyncIterable<TarEntry> {
  const head = await readHead(host, file);
  const format = formatOf(head);
  if (!format) {
    throw new UnfitPayload(
      'PayloadNotAnArchive',
      `Cannot use ${url}: it is ${describeHead(head)}.`,
      'Correct the URL in spec.payload.sources.',
    );
  }
  try {
    for await (const entry of tarEntries(decompress(format, host.readChunks(file)))) yield underRoot(entry, root);
  } catch (error) {
    if (error instanceof UnfitPayload) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UnfitPayload(
      'PayloadBroken',
      `Cannot unpack ${url}: ${why}.`,
      'The digest fits, so the archive was made so: use another one.',
      error,
    );
  }
}

/** What lies in the folder that the payload was made for comes up to the top. */
function underRoot(entry: TarEntry, root: string | undefined): TarEntry {
  const prefix = root === undefined ? undefined : `${root.slice(1)}/`;
  const strip = (path: string) => (prefix !== undefined && path.startsWith(prefix) ? path.slice(prefix.length) : path);
  const same = entry.entry.kind === 'sameAs' ? { ...entry.entry, path: strip(entry.entry.path) } : entry.entry;
  return { ...entry, entry: same, path: `${entry.path}/` === prefix ? '' : strip(entry.path) };
}
