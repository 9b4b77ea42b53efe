// A payload source that is an archive: fetched onto the host, its digest checked, then streamed through, never held in memory.
import type { Digest, TaskSource } from '../../crds/payload-source.ts';
import type { Host } from '../host/host.ts';
import { describeHead, formatOf } from './archive-format.ts';
import { decompress } from './decompress.ts';
import { download, readHead, type Tell } from './download.ts';
import { type Layer, type LayerFile, type Listing, maxTextBytes, textOf } from './layer.ts';
import type { PayloadEntry } from './payload-tree.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';
import { UnfitPayload } from './unfit-payload.ts';

export type ArchiveSource = Extract<TaskSource, { kind: 'archive' }>;

/** Where the archive is fetched to; one that lies there is not fetched again. */
export function archiveFile(folder: string, { hex }: Digest): string {
  return `${folder}/.archive-${hex.slice(0, 12)}`;
}

/** @param folder where on the host the archive may lie meanwhile */
export function archiveLayer(
  host: Host,
  source: ArchiveSource,
  folder: string,
  root: string | undefined,
  tell: Tell,
): Layer {
  const { algorithm, hex } = source.digest;
  const file = archiveFile(folder, source.digest);
  /** How often each path is in the archive: as tar has it, the last time counts. */
  const times = new Map<string, number>();
  return {
    identity: `${algorithm}:${hex}`,
    list: async (texts) => {
      await download({ host, url: source.url, digest: source.digest, file, tell });
      times.clear();
      return list(entriesOf(host, source, file, root), texts, times);
    },
    read: (paths) => {
      const left = new Map([...paths].map((path) => [path, times.get(path) ?? 1]));
      return read(entriesOf(host, source, file, root), left);
    },
    tidy: () => host.removeFile(file),
  };
}

async function list(
  entries: AsyncIterable<TarEntry>,
  wanted: ReadonlySet<string>,
  times: Map<string, number>,
): Promise<Listing> {
  const tree = new Map<string, PayloadEntry>();
  const texts = new Map<string, string>();
  for await (const { path, entry, content } of entries) {
    if (path === '') continue;
    tree.set(path, entry);
    if (entry.kind === 'file') times.set(path, (times.get(path) ?? 0) + 1);
    if (entry.kind === 'file' && wanted.has(path) && entry.sizeBytes <= maxTextBytes)
      texts.set(path, await textOf(content));
  }
  return { tree, texts };
}

/** Ends with the last file that is wanted; what comes after it is not even decompressed. */
async function* read(entries: AsyncIterable<TarEntry>, left: Map<string, number>): AsyncIterable<LayerFile> {
  for await (const { path, entry, content } of entries) {
    const times = left.get(path);
    if (entry.kind !== 'file' || times === undefined) continue;
    left.set(path, times - 1);
    if (times > 1) continue;
    left.delete(path);
    yield { path, chunks: content };
    if (left.size === 0) return;
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
