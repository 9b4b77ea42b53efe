// The documents of images: config, manifest, and an index where a name stands for several architectures. Pure.
import { type Blob, jsonBlob } from './blob.ts';
import type { LayerBlob } from './layer-blob.ts';
import type { Image, ImageConfig } from './write-image.ts';

const EPOCH = '1970-01-01T00:00:00Z';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
export const mediaType = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
} as const;
export const machine = process.arch === 'x64' ? 'amd64' : process.arch;

export interface DescribedImage {
  readonly name: string;
  readonly arch: string;
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly LayerBlob[];
}

export const describe = (image: Image, layers: readonly LayerBlob[]): DescribedImage => {
  const arch = image.arch ?? machine;
  const config = jsonBlob(configOf(image.config, arch, layers));
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaType.manifest,
    config: { mediaType: mediaType.config, digest: config.digest, size: config.size },
    layers: layers.map(({ mediaType: type, digest, size }) => ({ mediaType: type, digest, size })),
  });
  return { name: image.name, arch, manifest, config, layers };
};

const configOf = (config: ImageConfig, architecture: string, layers: readonly LayerBlob[]): unknown => ({
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
  rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
  history: layers.map(() => ({ created: EPOCH })),
});

/** All that is known by one name; `top` is what the name stands for. */
export interface NamedImages {
  readonly name: string;
  readonly images: readonly DescribedImage[];
  readonly top: Blob & { readonly mediaType: string };
}

export const nameImages = (name: string, images: readonly DescribedImage[]): NamedImages => {
  const [first] = images;
  if (first && images.length === 1) {
    return { name, images, top: { ...first.manifest, mediaType: mediaType.manifest } };
  }
  const index = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests: images.map(({ manifest, arch }) => ({
      ...descriptor(mediaType.manifest, manifest),
      platform: platform(arch),
    })),
  });
  return { name, images, top: { ...index, mediaType: mediaType.index } };
};

export const platform = (architecture: string) => ({ architecture, os: 'linux' });

export const descriptor = (type: string, { digest, size }: Blob) => ({ mediaType: type, digest, size });
