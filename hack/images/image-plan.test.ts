// Claims about the project's images as descriptions; nothing is written.
import { describe, expect, it } from 'vitest';
import { installerImage, operatorImage, payloadImage, type Ingredients, type Payload } from './image-plan.ts';
import { contentHash, imageTag } from './image-tag.ts';

const part = (name: string) => ({ name, version: '1', purl: `pkg:generic/${name}@1` });
const ingredients: Ingredients = {
  version: '1.2.3',
  node: { layer: { files: [{ text: 'node', to: '/bin/node' }] }, parts: [part('node')] },
  tools: { layer: { files: [{ text: 'busybox', to: '/bin/busybox' }] }, parts: [part('busybox')] },
  operator: { text: 'operate', parts: [part('client')], licenses: 'MIT' },
  installer: { text: 'install', parts: [part('toml')], licenses: 'BSD' },
};
const payload: Payload = {
  family: 'gvisor',
  name: 'localhost/bulkhead/payload-gvisor:20260905',
  version: '20260905',
  title: 'gVisor for Bulkhead',
  layers: [{ files: [{ text: 'shim', to: '/payload/shim' }] }, { files: [{ text: 'runsc', to: '/payload/runsc' }] }],
  manifest: { family: 'gvisor', version: '20260905', arch: 'amd64', files: [], links: [] },
  parts: [part('netstack')],
  licenses: [{ text: 'You may.', to: '/usr/share/doc/gvisor/LICENSE' }],
};
const operator = operatorImage(ingredients, 't');
const installer = installerImage(ingredients, 't');
const gvisor = payloadImage(ingredients, payload);
const filesOf = (image: typeof operator) =>
  image.layers.flatMap((layer) => ('files' in layer ? (layer.files ?? []) : [])).map(({ to }) => to);
const sbomOf = (image: typeof operator) => JSON.stringify(image.layers.at(-1));

describe('operatorImage()', () => {
  it('runs as nobody in particular and has no shell', () => {
    expect(operator.config).toMatchObject({ user: '65532:65532', entrypoint: ['/bin/node', '/app/operator.mjs'] });
    expect(filesOf(operator)).toEqual([
      '/bin/node',
      '/app/operator.mjs',
      '/usr/share/sbom/operator.spdx.json',
      '/usr/share/doc/operator/npm-licenses.txt',
    ]);
  });

  it('lists in its SBOM what is in it, and nothing else', () => {
    expect(sbomOf(operator)).toMatch(/pkg:generic\/client.*pkg:generic\/node/s);
    expect(sbomOf(operator)).not.toContain('pkg:generic/busybox');
  });
});

describe('installerImage()', () => {
  it('runs as root and has the programs that enter the host', () => {
    expect(installer.config).toMatchObject({ user: '0:0', entrypoint: ['/bin/node', '/app/node-installer.mjs'] });
    const links = installer.layers.flatMap((layer) => ('links' in layer ? (layer.links ?? []) : []));
    expect(links).toContainEqual({ path: '/bin/nsenter', target: 'busybox' });
  });

  it('shares the layer with Node with the operator', () => {
    expect(installer.layers[0]).toBe(operator.layers[0]);
  });
});

describe('payloadImage()', () => {
  it('has the installer, the components, and manifest, SBOM and licences of the payload', () => {
    expect(gvisor.name).toBe('localhost/bulkhead/payload-gvisor:20260905');
    expect(gvisor.config.entrypoint).toEqual(installer.config.entrypoint);
    expect(filesOf(gvisor)).toEqual([
      '/bin/node',
      '/bin/busybox',
      '/payload/shim',
      '/payload/runsc',
      '/payload/manifest.json',
      '/usr/share/sbom/payload-gvisor.spdx.json',
      '/usr/share/doc/gvisor/LICENSE',
      '/app/node-installer.mjs',
      '/usr/share/sbom/node-installer.spdx.json',
      '/usr/share/doc/node-installer/npm-licenses.txt',
    ]);
    expect(JSON.stringify(gvisor.layers)).toContain('pkg:generic/netstack');
  });

  it('has the payload below the program, whose change then moves nothing but itself', () => {
    const changed = payloadImage(
      { ...ingredients, installer: { text: 'install better', parts: [], licenses: '' } },
      payload,
    );
    expect(changed.layers.slice(0, -1)).toEqual(gvisor.layers.slice(0, -1));
    expect(changed.layers.at(-1)).not.toEqual(gvisor.layers.at(-1));
  });
});

describe('imageTag()', () => {
  it('differs for different content, so that a node never keeps old code under a new name', () => {
    expect(imageTag('1.2.3', 'a')).toBe(`1.2.3-${contentHash('a')}`);
    expect(imageTag('1.2.3', 'a')).not.toBe(imageTag('1.2.3', 'b'));
  });

  it('is the version alone for a release', () => {
    expect(imageTag('1.2.3', 'a', { release: true })).toBe('1.2.3');
  });
});
