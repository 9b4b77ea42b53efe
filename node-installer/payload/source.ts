// The payload in the container's own image, as a folder of files. The manifest says what they must be; here they only must be files.
import { constants, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from '../../crds/payload-manifest.ts';

export interface PayloadSource {
  manifest(): Promise<Uint8Array | undefined>;
  open(path: string): AsyncIterable<Uint8Array>;
}

export function payloadIn(folder: string): PayloadSource {
  return {
    manifest: () => readFile(join(folder, manifestName)).catch(() => undefined),
    open: (path) => readFileOnly(join(folder, path)),
  };
}

/** A pipe would never begin, and a device never end. */
async function* readFileOnly(path: string): AsyncIterable<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new Error(`${path} is no ordinary file`);
    yield* handle.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false }) as AsyncIterable<Uint8Array>;
  } finally {
    await handle.close();
  }
}
