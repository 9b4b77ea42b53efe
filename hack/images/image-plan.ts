// Puts the project's images together from their ingredients: layers, entry points, labels and SBOMs. It reads no file.
import { join } from 'node:path/posix';
import { containerPaths } from '../../crds/names.ts';
import { manifestName, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { ContentLayer, LayerFile } from '../image/layer-entries.ts';
import type { Image, ImageConfig } from '../image/write-image.ts';
import { applets } from './image-base.ts';
import { spdxDocument, type Part } from './spdx.ts';

/** Folder of the project's images; nothing is ever pulled from it. */
export const repository = 'localhost/bulkhead';

type Program = {
  readonly text: string;
  readonly parts: readonly Part[];
  /** Texts of the packages that are bundled into it. */
  readonly licenses: string;
};

export type Ingredients = {
  readonly version: string;
  readonly node: { readonly layer: ContentLayer; readonly parts: readonly Part[] };
  readonly tools: { readonly layer: ContentLayer; readonly parts: readonly Part[] };
  readonly operator: Program;
  readonly installer: Program;
};

export type Payload = {
  readonly family: string;
  /** Full reference with a tag. */
  readonly name: string;
  readonly version: string;
  readonly title: string;
  /** One per component. */
  readonly layers: readonly ContentLayer[];
  readonly manifest: PayloadManifest;
  readonly parts: readonly Part[];
  /** Texts that its parts are handed on with. */
  readonly licenses: readonly LayerFile[];
  /** For whoever reads the bill of materials. */
  readonly comment?: string;
};

export function operatorImage(from: Ingredients, tag: string): Image {
  const parts = [...from.node.parts, ...from.operator.parts];
  return {
    name: `${repository}/operator:${tag}`,
    layers: [from.node.layer, program('operator', from.version, from.operator, parts)],
    config: config('operator', 'Bulkhead operator', from.version, '65532:65532'),
  };
}

export function installerImage(from: Ingredients, tag: string): Image {
  return {
    name: `${repository}/node-installer:${tag}`,
    layers: installerLayers(from),
    config: config('node-installer', 'Bulkhead node installer', from.version, '0:0'),
  };
}

/** The payload, and the installer that stages it: its program on top, so that a change of it moves nothing else. */
export function payloadImage(from: Ingredients, payload: Payload): Image {
  const layers = installerLayers(from);
  return {
    name: payload.name,
    layers: [...layers.slice(0, -1), ...payloadLayers(payload), ...layers.slice(-1)],
    config: config('node-installer', payload.title, payload.version, '0:0'),
  };
}

/** The payload alone, for whoever mounts it or builds upon it. */
export function payloadOnlyImage(payload: Payload): Image {
  return {
    name: payload.name,
    arch: payload.manifest.arch,
    layers: payloadLayers(payload),
    config: { labels: labels(payload.title, payload.version) },
  };
}

function payloadLayers({ family, version, layers, manifest, parts, licenses, comment }: Payload): ContentLayer[] {
  const name = `payload-${family}`;
  const texts = [
    { text: JSON.stringify(manifest), to: join(containerPaths.payload, manifestName) },
    { text: spdxDocument(name, version, parts, comment), to: sbomPath(name) },
  ];
  return [...layers, { files: [...texts, ...licenses] }];
}

function installerLayers(from: Ingredients): readonly ContentLayer[] {
  const parts = [...from.node.parts, ...from.tools.parts, ...from.installer.parts];
  return [
    from.node.layer,
    { ...from.tools.layer, links: applets.map((name) => ({ path: `/bin/${name}`, target: 'busybox' })) },
    program('node-installer', from.version, from.installer, parts),
  ];
}

function program(name: string, version: string, { text, licenses }: Program, parts: readonly Part[]): ContentLayer {
  return {
    files: [
      { text, to: `/app/${name}.mjs` },
      { text: spdxDocument(name, version, parts), to: sbomPath(name) },
      { text: licenses, to: `/usr/share/doc/${name}/npm-licenses.txt` },
    ],
  };
}

const sbomPath = (name: string): string => `/usr/share/sbom/${name}.spdx.json`;

function config(name: string, title: string, version: string, user: string): ImageConfig {
  return {
    entrypoint: ['/bin/node', `/app/${name}.mjs`],
    user,
    env: { NODE_ENV: 'production' },
    labels: {
      ...labels(title, version),
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.vendor': 'Bulkhead',
    },
  };
}

function labels(title: string, version: string): Readonly<Record<string, string>> {
  return { 'org.opencontainers.image.title': title, 'org.opencontainers.image.version': version };
}
