// Makes the blob of a layer: its entries as a tar, compressed where it is asked for. The same layer gives the same bytes.
import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { addBytes, addFile } from './add-entry.ts';
import { type Blob, fileBlob } from './blob.ts';
import { type ContentLayer, type LayerEntry, layerHeader, planLayer } from './layer-entries.ts';

/** Content that is put together here, or a tar that is there already. */
export type Layer = ContentLayer | { readonly tar: string };

export interface LayerBlob extends Blob {
  readonly mediaType: string;
  /** Digest of the tar without compression. */
  readonly diffId: string;
}

const plainType = 'application/vnd.oci.image.layer.v1.tar';
const zstdType = `${plainType}+zstd`;
const zstdLevel = 6;

/** @param file where the tar is written, unless it is there already */
export const layerBlob = async (layer: Layer, file: string): Promise<LayerBlob> => {
  if ('tar' in layer) return plainLayer(await fileBlob(layer.tar));
  const tar = pack();
  const diffId = createHash('sha256');
  const written = writeTar(tar, file, diffId, layer.compression);
  for (const entry of planLayer(layer)) await addLayerEntry(tar, entry);
  tar.finalize();
  await written;
  const blob = await fileBlob(file);
  if (layer.compression === undefined) return plainLayer(blob);
  return { ...blob, mediaType: zstdType, diffId: `sha256:${diffId.digest('hex')}` };
};

const plainLayer = (blob: Blob): LayerBlob => ({ ...blob, mediaType: plainType, diffId: blob.digest });

const writeTar = (tar: Pack, file: string, hash: Hash, compression: 'zstd' | undefined): Promise<void> => {
  if (compression === undefined) return pipeline(tar, createWriteStream(file));
  const hashed = new Transform({
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel };
  return pipeline(tar, hashed, createZstdCompress({ params }), createWriteStream(file));
};

const addLayerEntry = async (tar: Pack, entry: LayerEntry): Promise<void> => {
  const header = layerHeader(entry);
  if (entry.kind === 'file' && 'from' in entry.content) return addFile(tar, header, entry.content.from);
  const bytes = entry.kind === 'file' && 'text' in entry.content ? Buffer.from(entry.content.text) : undefined;
  return addBytes(tar, header, bytes);
};
