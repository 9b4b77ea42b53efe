// Puts the project's images together from their ingredients: layers, entry points, labels and SBOMs. It reads no file.
import type { ContentLayer } from '../image/layer-entries.ts';
import type { Image, ImageConfig } from '../image/write-image.ts';
import { applets } from './image-base.ts';
import { spdxDocument, type Part } from './spdx.ts';

/** Folder of the project's images; nothing is ever pulled from it. */
export const repository = 'localhost/bulkhead';

type Program = { readonly text: string; readonly parts: readonly Part[] };

export type Ingredients = {
  readonly version: string;
  readonly node: { readonly layer: ContentLayer; readonly parts: readonly Part[] };
  readonly tools: { readonly layer: ContentLayer; readonly parts: readonly Part[] };
  readonly operator: Program;
  readonly installer: Program;
};

export type Payload = {
  readonly family: string;
  /** Name and tag from the catalogue. */
  readonly image: string;
  readonly title: string;
  readonly layer: ContentLayer;
  readonly parts: readonly Part[];
};

export function operatorImage(from: Ingredients, tag: string): Image {
  const { text, parts } = from.operator;
  return {
    name: `${repository}/operator:${tag}`,
    layers: [from.node.layer, program('operator', from.version, text, [...from.node.parts, ...parts])],
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

/** The installer, and the payload that it stages. */
export function payloadImage(from: Ingredients, payload: Payload): Image {
  const [name = '', version = ''] = payload.image.split(':');
  const sbom = { text: spdxDocument(name, version, payload.parts), to: sbomPath(name) };
  return {
    name: `${repository}/${payload.image}`,
    layers: [...installerLayers(from), { ...payload.layer, files: [...(payload.layer.files ?? []), sbom] }],
    config: config('node-installer', payload.title, version, '0:0'),
  };
}

function installerLayers(from: Ingredients): ContentLayer[] {
  const parts = [...from.node.parts, ...from.tools.parts, ...from.installer.parts];
  return [
    from.node.layer,
    { ...from.tools.layer, links: applets.map((name) => ({ path: `/bin/${name}`, target: 'busybox' })) },
    program('node-installer', from.version, from.installer.text, parts),
  ];
}

function program(name: string, version: string, text: string, parts: readonly Part[]): ContentLayer {
  return {
    files: [
      { text, to: `/app/${name}.mjs` },
      { text: spdxDocument(name, version, parts), to: sbomPath(name) },
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
      'org.opencontainers.image.title': title,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.vendor': 'Bulkhead',
    },
  };
}
