// Reads a tar, entry by entry, without keeping any; it judges names and kinds, and writes nothing.
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { entryPath } from './entry-path.ts';
import type { PayloadEntry } from './payload-tree.ts';
import { UnfitPayload } from './unfit-payload.ts';

export type TarEntry = {
  readonly path: string;
  readonly entry: PayloadEntry;
  readonly content: AsyncIterable<Uint8Array>;
};

/** *Errors*: throws for what is no tar, is cut off, leads out of the archive or is a device. */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>): AsyncIterable<TarEntry> {
  const tar = extract();
  const fed = pipeline(chunks, tar);
  // The reader below gets the error too, and is the one who tells it.
  fed.catch(() => undefined);
  for await (const entry of tar) {
    const { name, type, mode, size, linkname } = entry.header;
    const path = entryPath(name);
    yield { path, entry: entryOf(path, type, { mode, size, linkname }), content: entry as AsyncIterable<Uint8Array> };
    // What nobody read has to pass by before the next entry comes.
    if (!entry.destroyed) entry.resume();
  }
  await fed;
}

type Header = { readonly mode: number; readonly size: number; readonly linkname: string | null | undefined };

/** *Source*: the types that tar-stream tells apart. */
function entryOf(path: string, type: string | null | undefined, { mode, size, linkname }: Header): PayloadEntry {
  if (type === 'file' || type === 'contiguous-file') return { kind: 'file', sizeBytes: size, mode: mode & 0o7777 };
  if (type === 'directory') return { kind: 'folder' };
  if (type === 'symlink') return { kind: 'link', target: linkname ?? '' };
  if (type === 'link') return { kind: 'sameAs', path: entryPath(linkname ?? '') };
  const message = `Cannot use the archive: its entry ${path} is a ${type ?? 'thing of no known kind'}.`;
  throw new UnfitPayload('PayloadHoldsDevice', message);
}
