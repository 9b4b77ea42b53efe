// A payload source that is the image the installer itself runs in, with a manifest of its files.
import { createHash } from 'node:crypto';
import { manifestName } from '../../crds/payload-manifest.ts';
import { hashing } from './hash.ts';
import type { Layer, LayerEntry, LayerFile } from './layer.ts';
import { parseManifest, treeOf } from './manifest.ts';
import type { PayloadSource } from './source.ts';
import { UnfitPayload } from './unfit-payload.ts';

/** *Errors*: throws for an image without a manifest; reading throws for a file that differs from it. */
export async function imageLayer(payload: PayloadSource): Promise<Layer> {
  const bytes = await payload.manifest();
  const manifest = bytes && parseManifest(bytes);
  if (!manifest)
    throw new UnfitPayload('PayloadMissing', `Cannot use the payload's image: it has no valid ${manifestName}.`);
  const tree = treeOf(manifest);
  const digests = new Map(manifest.files.map(({ path, sha256 }) => [path, sha256]));
  const open = (path: string) => verified(path, payload.open(path), digests.get(path));
  return {
    identity: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    fetch: async () => undefined,
    entries: async function* (): AsyncIterable<LayerEntry> {
      for (const [path, entry] of tree) yield { path, entry, chunks: open(path) };
    },
    read: async function* (paths): AsyncIterable<LayerFile> {
      for (const path of paths) if (digests.has(path)) yield { path, chunks: open(path) };
    },
    tidy: async () => undefined,
  };
}

async function* verified(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  sha256: string | undefined,
): AsyncIterable<Uint8Array> {
  const stream = hashing(chunks);
  yield* stream.chunks;
  if (stream.passed().sha256 === sha256) return;
  throw new UnfitPayload(
    'PayloadCorrupt',
    `Cannot stage ${path} of the payload: it is not as the manifest has it.`,
    'The payload image is damaged: pull or build it anew.',
  );
}
