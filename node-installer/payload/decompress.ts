// Turns a compressed stream into the tar in it. zstd and gzip are Node's own; xz and bzip2 are the programs of that name.
// Node has neither of the two, npm's decoders for them are unmaintained or hold a whole block several times in memory,
// and busybox, which our images have, and every Linux bring programs that read from standard input with `-c`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import type { ArchiveFormat } from './archive-format.ts';
import { releasing } from './release-buffers.ts';
import { UnfitPayload } from './unfit-payload.ts';

type Chunks = AsyncIterable<Uint8Array>;

/** A window over 27 bits (`zstd --long=31`) is refused by default; it costs the memory that its maker chose. */
const windowLogMax = 31;
/** Node's default of 16 KiB costs three times the processor's time. */
const chunkSize = 1024 * 1024;

export function decompress(format: ArchiveFormat, chunks: Chunks): Chunks {
  return releasing(tarOf(format, chunks));
}

function tarOf(format: ArchiveFormat, chunks: Chunks): Chunks {
  switch (format) {
    case 'tar':
      return chunks;
    case 'zstd':
      return through(
        createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: windowLogMax } }),
        chunks,
      );
    case 'gzip':
      return through(createGunzip({ chunkSize }), chunks);
    case 'xz':
      return throughProgram('unxz', chunks);
    case 'bzip2':
      return throughProgram('bunzip2', chunks);
  }
}

function through(transform: Transform, chunks: Chunks): Chunks {
  // An error also ends the transform, where the reader gets it.
  pipeline(chunks, transform).catch(() => undefined);
  return transform;
}

async function* throughProgram(program: string, chunks: Chunks): Chunks {
  const child = spawn(program, ['-c'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const exited = once(child, 'exit').then(([code]) => Number(code));
  const said = Promise.race([text(child.stderr), failed]);
  said.catch(() => undefined);
  // A program that ends early breaks the pipe; its exit code says so.
  pipeline(Readable.from(chunks), child.stdin).catch(() => undefined);
  try {
    yield* child.stdout as Chunks;
    const [code, why] = [await Promise.race([exited, failed]), await said];
    if (code !== 0) throw new Error(why.trim().split('\n').at(-1) ?? `${program} ended with ${code}`);
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isAbsent) throw error;
    throw new UnfitPayload(
      'DecompressorMissing',
      `Cannot decompress the archive: there is no ${program} here.`,
      undefined,
      error,
    );
  } finally {
    child.kill();
  }
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
