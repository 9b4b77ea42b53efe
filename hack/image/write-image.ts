// Writes container images to one tar that is an OCI layout and a docker-archive at once. The same input gives the same
// bytes. It pulls, pushes and loads nothing.
import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { addBytes, addFile, archiveHeader } from './add-entry.ts';
import { describe, descriptor, machine, mediaType, type NamedImages, nameImages, platform } from './describe-image.ts';
import { type Layer, type LayerBlob, layerBlob } from './layer-blob.ts';

export interface ImageConfig {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `uid:gid`; root if not given. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly stopSignal?: string;
}

export interface Image {
  /** Full reference with a tag. */
  readonly name: string;
  /** Lowest first. A layer that several images share is written once. */
  readonly layers: readonly Layer[];
  /** Go's spelling; this machine's if not given. Images of one name and several architectures become one index. */
  readonly arch?: string;
  readonly config: ImageConfig;
}

export interface WrittenImage {
  readonly name: string;
  /** Of the manifest or the index, `sha256:…`. */
  readonly digest: string;
}

/** Writes the images to `out`, which appears only when it is whole. */
export const writeImage = async (spec: {
  readonly out: string;
  readonly images: readonly Image[];
}): Promise<readonly WrittenImage[]> => {
  const work = await mkdtemp(join(dirname(spec.out), `.${basename(spec.out)}-`));
  try {
    const layers = await writeLayers(spec.images, work);
    const images = spec.images.map((image) =>
      describe(
        image,
        image.layers.map((layer) => layers.get(layer)!),
      ),
    );
    const named = [...Map.groupBy(images, ({ name }) => name)].map(([name, same]) => nameImages(name, same));
    const partial = join(work, 'images.tar');
    await writeArchive(partial, named);
    await rename(partial, spec.out);
    return named.map(({ name, top }) => ({ name, digest: top.digest }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

const writeLayers = async (images: readonly Image[], folder: string): Promise<Map<Layer, LayerBlob>> => {
  const blobs = new Map<Layer, LayerBlob>();
  for (const layer of images.flatMap((image) => image.layers)) {
    if (!blobs.has(layer)) blobs.set(layer, await layerBlob(layer, join(folder, `layer-${blobs.size}.tar`)));
  }
  return blobs;
};

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

const writeArchive = async (file: string, named: readonly NamedImages[]): Promise<void> => {
  const index = {
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests: named.map(({ name, images, top }) => ({
      ...descriptor(top.mediaType, top),
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':').at(-1) },
      ...(images.length === 1 && { platform: platform(images[0]?.arch ?? machine) }),
    })),
  };
  // What `docker load` reads where it knows no OCI layouts; it knows no index either.
  const dockerManifest = named.flatMap(({ name, images }) => {
    const image = images.find(({ arch }) => arch === machine) ?? images[0];
    if (!image) return [];
    const layers = image.layers.map(({ digest }) => blobPath(digest));
    return [{ Config: blobPath(image.config.digest), RepoTags: [name], Layers: layers }];
  });
  const tar = pack();
  const written = pipeline(tar, createWriteStream(file));
  await addBytes(tar, archiveHeader('oci-layout'), Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  await addBytes(tar, archiveHeader('index.json'), Buffer.from(JSON.stringify(index)));
  await addBytes(tar, archiveHeader('manifest.json'), Buffer.from(JSON.stringify(dockerManifest)));
  const blobs = named.flatMap(({ top, images }) => [
    top,
    ...images.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]),
  ]);
  for (const [digest, { content }] of new Map(blobs.map((blob) => [blob.digest, blob]))) {
    if ('file' in content) await addFile(tar, archiveHeader(blobPath(digest)), content.file);
    else await addBytes(tar, archiveHeader(blobPath(digest)), content.bytes);
  }
  tar.finalize();
  await written;
};
