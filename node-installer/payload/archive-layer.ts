// A payload source that is an archive: fetched onto the host, its digest checked, then streamed through, never held in memory.
import type { Digest, TaskSource } from '../../crds/payload-source.ts';
import type { Host } from '../host/host.ts';
import { describeHead, formatOf } from './archive-format.ts';
import { decompress } from './decompress.ts';
import { download, readHead, type Tell } from './download.ts';
import type { Layer, LayerEntry, LayerFile } from './layer.ts';
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
    fetch: () => download({ host, url: source.url, digest: source.digest, file, tell }),
    entries: () => counting(entriesOf(host, source, file, root), times),
    read: (paths) => {
      const left = new Map([...paths].map((path) => [path, times.get(path) ?? 1]));
      return read(entriesOf(host, source, file, root), left);
    },
    tidy: () => host.removeFile(file),
  };
}

async function* counting(entries: AsyncIterable<LayerEntry>, times: Map<string, number>): AsyncIterable<LayerEntry> {
  times.clear();
  for await (const each of entries) {
    if (each.entry.kind === 'file') times.set(each.path, (times.get(each.path) ?? 0) + 1);
    yield each;
  }
}

/** Ends with the last file that is wanted; what comes after it is not even decompressed. */
async function* read(entries: AsyncIterable<LayerEntry>, left: Map<string, number>): AsyncIterable<LayerFile> {
  for await (const { path, entry, chunks } of entries) {
    const times = left.get(path);
    if (entry.kind !== 'file' || times === undefined) continue;
    left.set(path, times - 1);
    if (times > 1) continue;
    left.delete(path);
    yield { path, chunks };
    if (left.size === 0) return;
  }
}

/** *Errors*: throws in words for what is no archive, or one that is broken. */
async function* entriesOf(
  host: Host,
  { url }: ArchiveSource,
  file: string,
  root: string | undefined,
): AsyncIterable<LayerEntry> {
  const head = await readHead(host, file);
  const format = formatOf(head);
  if (!format) {
    throw new UnfitPayload(
      'PayloadNotAnArchive',
      `Cannot use ${url}: it is ${describeHead(head)}.`,
      'Correct the URL in spec.payload.sources.',
    );
  }
  for await (const entry of inWords(url, tarEntries(decompress(format, host.readChunks(file))))) {
    const { chunks, ...moved } = underRoot(entry, root);
    if (moved.path !== '') yield { ...moved, chunks: inWords(url, chunks) };
  }
}

async function* inWords<T>(url: string, stream: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* stream;
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
function underRoot({ path, entry, content }: TarEntry, root: string | undefined): LayerEntry {
  const prefix = root === undefined ? undefined : `${root.slice(1)}/`;
  const strip = (at: string) => (prefix !== undefined && at.startsWith(prefix) ? at.slice(prefix.length) : at);
  const same = entry.kind === 'sameAs' ? { ...entry, path: strip(entry.path) } : entry;
  return { entry: same, chunks: content, path: `${path}/` === prefix ? '' : strip(path) };
}
