// Recipe of the node image: Debian, our programs and units, and a store of preloaded images, as three layers.

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Host } from '../build/host.ts';
import type { BuildContext, Recipe } from '../build/recipe.ts';
import { writeImage, type Image } from '../image/write-image.ts';
import { pins } from '../pins.ts';
import { run } from '../run.ts';
import { containerdConfig, fixedFiles, nodeLayer } from './node-layer.ts';
import { preload } from './preload.ts';
import { systemImages } from './system-images.ts';

/** Raise when the code here changes what comes out. */
const LAYOUT = 1;

const needs = [
  'debian-root',
  'kubernetes',
  'etcd',
  'containerd-2.3',
  'runc',
  'cni-plugins',
  'crictl',
  'coredns',
  'pause',
];

/** The reference that docker knows a built node image by. @param key the artifact's folder name in the cache */
export const nodeImageReference = (key: string): string =>
  `localhost/bulkhead/${key.replace('node-image-', 'node-image:')}`;

export const nodeImage = (host: Host): Recipe => ({
  version: pins.kubernetes.version,
  what: 'three layers with the images of the control plane unpacked',
  needs,
  inputs: {
    layout: LAYOUT,
    config: containerdConfig(host),
    files: fixedFiles().map((file) => ({ to: file.to, text: 'from' in file ? readFileSync(file.from, 'utf8') : '' })),
    sources: ['system-images.ts', 'node-layer.ts', 'preload.ts'].map((name) =>
      readFileSync(join(import.meta.dirname, name), 'utf8'),
    ),
  },
  build: (context) => build(host, context),
});

const build = async (host: Host, { into, scratch, logFile, from, key }: BuildContext): Promise<void> => {
  const imagesTar = join(scratch, 'images.tar');
  await writeImage({ out: imagesTar, images: await systemImages(from) });
  const var_ = join(scratch, 'store');
  const store = join(var_, 'var/lib/containerd');
  await preload({ programs: from('containerd-2.3'), imagesTar, store, scratch, logFile });
  await run(['rm', imagesTar]);
  const image: Image = {
    name: nodeImageReference(key),
    layers: [
      { tar: await tarOf(join(from('debian-root'), 'root'), join(scratch, 'debian.tar'), logFile) },
      nodeLayer(from, host),
      { tar: await tarOf(var_, join(scratch, 'store.tar'), logFile) },
    ],
    config: {
      entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
      // Tells systemd where it runs.
      env: { container: 'docker' },
      // systemd's signal for an orderly halt.
      stopSignal: 'SIGRTMIN+3',
    },
  };
  await mkdir(into, { recursive: true });
  await writeImage({ out: join(into, 'image.tar'), images: [image] });
};

const tarOf = async (folder: string, file: string, logFile: string): Promise<string> => {
  const flags = ['--sort=name', '--numeric-owner', '--xattrs', '--xattrs-include=*'];
  await run(['tar', '-C', folder, ...flags, '-cf', file, '.'], { logFile });
  return file;
};
