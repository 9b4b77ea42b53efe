// Makes the manifest of a payload from the files that are to be in it. It copies nothing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { payloadManifest, type PayloadManifest } from '../../crds/payload-manifest.ts';

/** The manifest of the named files in a folder, which all become programs that everyone may run. */
export async function manifestOf(
  { family, version, arch }: { readonly family: string; readonly version: string; readonly arch: string },
  folder: string,
  names: readonly string[],
): Promise<PayloadManifest> {
  const files = await Promise.all(names.toSorted().map((name) => describeFile(folder, name)));
  return payloadManifest.parse({ family, version, arch, files });
}

async function describeFile(folder: string, path: string): Promise<PayloadManifest['files'][number]> {
  const file = join(folder, path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { path, sha256: hash.digest('hex'), sizeBytes: (await stat(file)).size, mode: 0o755 };
}
