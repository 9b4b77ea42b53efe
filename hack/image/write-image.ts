// Writes container images to one tar that is an OCI layout and a docker-archive at once. The same input gives the same
// bytes. It pulls, pushes and loads nothing.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { pack, type Pack } from 'tar-stream';

import { layerHeader, planLayer, type ContentLayer, type LayerEntry } from './layer-entries.ts';

/** Content that is put together here, or a tar that is there already. */
export type Layer = ContentLayer | { readonly tar: string };

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
  readonly config: ImageConfig;
}

export interface WrittenImage {
  readonly name: string;
  /** The manifest's digest, `sha256:…`. */
  readonly digest: string;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly content: { readonly file: string } | { readonly bytes: Buffer };
}

const EPOCH = '1970-01-01T00:00:00Z';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const mediaType = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

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
    const partial = join(work, 'images.tar');
    await writeArchive(partial, images);
    await rename(partial, spec.out);
    return images.map(({ name, manifest }) => ({ name, digest: manifest.digest }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

const writeLayers = async (images: readonly Image[], folder: string): Promise<Map<Layer, Blob>> => {
  const blobs = new Map<Layer, Blob>();
  for (const layer of images.flatMap((image) => image.layers)) {
    if (!blobs.has(layer)) blobs.set(layer, await layerBlob(layer, join(folder, `layer-${blobs.size}.tar`)));
  }
  return blobs;
};

const layerBlob = async (layer: Layer, file: string): Promise<Blob> => {
  if ('tar' in layer) return fileBlob(layer.tar);
  const tar = pack();
  const written = pipeline(tar, createWriteStream(file));
  for (const entry of planLayer(layer)) await addLayerEntry(tar, entry);
  tar.finalize();
  await written;
  return fileBlob(file);
};

const addLayerEntry = async (tar: Pack, entry: LayerEntry): Promise<void> => {
  const header = layerHeader(entry);
  if (entry.kind === 'file' && 'from' in entry.content) return addFile(tar, header, entry.content.from);
  const bytes = entry.kind === 'file' && 'text' in entry.content ? Buffer.from(entry.content.text) : undefined;
  return addBytes(tar, header, bytes);
};

const fileBlob = async (file: string): Promise<Blob> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { digest: `sha256:${hash.digest('hex')}`, size: (await stat(file)).size, content: { file } };
};

const jsonBlob = (value: unknown): Blob => {
  const bytes = Buffer.from(JSON.stringify(value));
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
    content: { bytes },
  };
};

interface DescribedImage {
  readonly name: string;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

const describe = (image: Image, layers: readonly Blob[]): DescribedImage => {
  const config = jsonBlob(configOf(image.config, layers));
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: { mediaType: mediaType.config, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaType.layer, digest, size })),
  });
  return { name: image.name, manifest, config, layers };
};

const configOf = (config: ImageConfig, layers: readonly Blob[]): unknown => ({
  architecture,
  os: 'linux',
  created: EPOCH,
  config: {
    Env: Object.entries({ PATH, ...config.env }).map(([name, value]) => `${name}=${value}`),
    WorkingDir: config.workdir ?? '/',
    ...(config.entrypoint === undefined ? {} : { Entrypoint: config.entrypoint }),
    ...(config.cmd === undefined ? {} : { Cmd: config.cmd }),
    ...(config.user === undefined ? {} : { User: config.user }),
    ...(config.labels === undefined ? {} : { Labels: config.labels }),
    ...(config.stopSignal === undefined ? {} : { StopSignal: config.stopSignal }),
  },
  rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  history: layers.map(() => ({ created: EPOCH })),
});

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

const writeArchive = async (file: string, images: readonly DescribedImage[]): Promise<void> => {
  const index = {
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests: images.map(({ name, manifest }) => ({
      mediaType: mediaType.manifest,
      digest: manifest.digest,
      size: manifest.size,
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':').at(-1) },
      platform: { architecture, os: 'linux' },
    })),
  };
  // What `docker load` reads, also where it knows no OCI layouts.
  const dockerManifest = images.map(({ name, config, layers }) => ({
    Config: blobPath(config.digest),
    RepoTags: [name],
    Layers: layers.map((layer) => blobPath(layer.digest)),
  }));
  const tar = pack();
  const written = pipeline(tar, createWriteStream(file));
  await addBytes(tar, archiveHeader('oci-layout'), Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  await addBytes(tar, archiveHeader('index.json'), Buffer.from(JSON.stringify(index)));
  await addBytes(tar, archiveHeader('manifest.json'), Buffer.from(JSON.stringify(dockerManifest)));
  const blobs = images.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]);
  for (const [digest, { content }] of new Map(blobs.map((blob) => [blob.digest, blob]))) {
    if ('file' in content) await addFile(tar, archiveHeader(blobPath(digest)), content.file);
    else await addBytes(tar, archiveHeader(blobPath(digest)), content.bytes);
  }
  tar.finalize();
  await written;
};

type Header = ReturnType<typeof layerHeader>;

const archiveHeader = (name: string): Header => ({
  name,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: new Date(0),
});

const addBytes = (tar: Pack, header: Header, bytes?: Buffer): Promise<void> =>
  new Promise((done, failed) => {
    const added = (error?: Error | null): void => (error ? failed(error) : done());
    if (bytes === undefined) tar.entry(header, added);
    else tar.entry({ ...header, size: bytes.length }, bytes, added);
  });

const addFile = async (tar: Pack, header: Header, file: string): Promise<void> => {
  const { size } = await stat(file);
  await new Promise<void>((done, failed) => {
    const sink = tar.entry({ ...header, size }, (error) => (error ? failed(error) : done()));
    createReadStream(file).on('error', failed).pipe(sink);
  });
};
