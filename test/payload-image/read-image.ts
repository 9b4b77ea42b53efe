// Reads the tar of an image back: what its name stands for, and what a container of it, or a mount, would see. Linux modes included.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdDecompressSync } from 'node:zlib';
import { extract } from 'tar-stream';

export interface ReadImage {
  /** Of what the name stands for. */
  readonly digest: string;
  /** Digests of the layers, lowest first, by architecture. */
  readonly layers: Readonly<Record<string, readonly string[]>>;
  /** Puts the files of one architecture into a folder. */
  unpack(arch: string, folder: string): Promise<void>;
}

type Descriptor = { readonly digest: string; readonly mediaType: string; readonly platform?: { architecture: string } };

/** *Errors*: throws for a blob that has not the digest it is called by. */
export async function readImage(tar: string): Promise<ReadImage> {
  const files = new Map<string, Buffer>();
  await eachEntry(readFileSync(tar), (name, _, content) => files.set(name, content));
  const blob = ({ digest }: Descriptor) => {
    const bytes = files.get(`blobs/${digest.replace(':', '/')}`) ?? Buffer.of();
    if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) throw new Error(`${digest} is wrong`);
    return bytes;
  };
  const json = (descriptor: Descriptor) => JSON.parse(blob(descriptor).toString()) as Document;
  const [top] = (JSON.parse(files.get('index.json')?.toString() ?? '') as Document).manifests ?? [];
  if (!top) throw new Error(`${tar} has no image`);
  const manifests = top.mediaType.includes('index') ? (json(top).manifests ?? []) : [top];
  const layers = Object.fromEntries(
    manifests.map((each) => [each.platform?.architecture ?? '', json(each).layers ?? []]),
  );
  return {
    digest: top.digest,
    layers: Object.fromEntries(Object.entries(layers).map(([arch, all]) => [arch, all.map(({ digest }) => digest)])),
    unpack: async (arch, folder) => {
      for (const layer of layers[arch] ?? []) {
        const bytes = layer.mediaType.endsWith('zstd') ? zstdDecompressSync(blob(layer)) : blob(layer);
        await eachEntry(bytes, (name, header, content) => place(join(folder, name), header, content));
      }
    },
  };
}

type Document = { readonly manifests?: readonly Descriptor[]; readonly layers?: readonly Descriptor[] };
type Header = { readonly type?: string | null; readonly mode?: number | null; readonly linkname?: string | null };

async function eachEntry(tar: Buffer, take: (name: string, header: Header, content: Buffer) => void): Promise<void> {
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    take(entry.header.name, entry.header, await buffer(entry));
  }
}

function place(path: string, { type, mode, linkname }: Header, content: Buffer): void {
  mkdirSync(type === 'directory' ? path : dirname(path), { recursive: true });
  if (type === 'symlink') symlinkSync(linkname ?? '', path);
  if (type !== 'file') return;
  writeFileSync(path, content);
  chmodSync(path, mode ?? 0);
}
