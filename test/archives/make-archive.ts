// Makes archives of a few entries, compressed in each of the ways that payloads come.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { ArchiveFormat } from '../../node-installer/payload/archive-format.ts';

/** A file's content, or a header for anything else; names are written as they are. */
export type Entries = readonly (readonly [name: string, content: string | Buffer | Partial<Header>])[];

export async function makeTar(entries: Entries, mode = 0o755): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of entries) {
    if (typeof content === 'string' || Buffer.isBuffer(content)) tar.entry({ name, mode }, content);
    else if (content.type === undefined) tar.entry({ name, mode, ...content }, '');
    else tar.entry({ name, mode, ...content });
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export function compress(format: ArchiveFormat, bytes: Buffer): Buffer {
  if (format === 'tar') return bytes;
  if (format === 'zstd') return zstdCompressSync(bytes);
  if (format === 'gzip') return gzipSync(bytes);
  return execFileSync(format, ['-c'], { input: bytes, maxBuffer: 1e9 });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
