// Hashes bytes while they pass by.
import { createHash } from 'node:crypto';
import { releasing } from './release-buffers.ts';

export type Passed = { sha256: string; sizeBytes: number };

/** The same pieces, and what they were once the last one has passed; the first that goes beyond `maxBytes` is the last. */
export function hashing(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = Infinity,
): {
  chunks: AsyncIterable<Uint8Array>;
  passed: () => Passed;
} {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  async function* pass() {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
      if (sizeBytes > maxBytes) return;
    }
  }
  return { chunks: pass(), passed: () => ({ sha256: hash.digest('hex'), sizeBytes }) };
}

export async function hashOf(chunks: AsyncIterable<Uint8Array>): Promise<Passed> {
  const stream = hashing(releasing(chunks));
  for await (const chunk of stream.chunks) void chunk;
  return stream.passed();
}
