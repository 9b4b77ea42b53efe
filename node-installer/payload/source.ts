// The payload in the container's own image, as a folder of files. It checks nothing; the manifest does.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from '../../crds/payload-manifest.ts';

export interface PayloadSource {
  manifest(): Promise<Uint8Array | undefined>;
  open(path: string): AsyncIterable<Uint8Array>;
}

export function payloadIn(folder: string): PayloadSource {
  return {
    manifest: () => readFile(join(folder, manifestName)).catch(() => undefined),
    open: (path) => createReadStream(join(folder, path), { highWaterMark: 1024 * 1024 }),
  };
}
