// A piece of content by its digest: bytes in memory or a file. It writes nothing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

export interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly content: { readonly file: string } | { readonly bytes: Buffer };
}

export const fileBlob = async (file: string): Promise<Blob> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { digest: `sha256:${hash.digest('hex')}`, size: (await stat(file)).size, content: { file } };
};

export const jsonBlob = (value: unknown): Blob => {
  const bytes = Buffer.from(JSON.stringify(value));
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
    content: { bytes },
  };
};
