// Writes dist/install.yaml with the images given on the command line; applies nothing.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { tagOf } from '../crds/image-tags.ts';
import { namespace } from '../crds/names.ts';
import { installYaml } from './install.ts';

const usage =
  'npm run manifests -- --operator IMAGE --installer IMAGE --payloads REPOSITORY [--pause IMAGE] [--replicas N] [--out FILE]';
const text = { type: 'string' } as const;

const { values: given } = parseArgs({
  options: {
    operator: text,
    installer: text,
    payloads: text,
    pause: { type: 'string', default: 'registry.k8s.io/pause:3.10.2' },
    replicas: { type: 'string', default: '1' },
    out: { type: 'string', default: join(import.meta.dirname, '../dist/install.yaml') },
  },
});

const yaml = installYaml({
  namespace,
  operatorImage: required('operator'),
  installerImage: withTag(required('installer')),
  payloadRepository: required('payloads'),
  pauseImage: given.pause,
  replicas: Number(given.replicas),
});
await mkdir(dirname(given.out), { recursive: true });
await writeFile(given.out, yaml);
console.log(given.out);

function required(name: 'operator' | 'installer' | 'payloads'): string {
  const value = given[name];
  return value ?? refuse(`--${name} is missing. Usage: ${usage}`);
}

function withTag(reference: string): string {
  if (tagOf(reference) !== undefined) return reference;
  return refuse(
    `--installer ${reference} has no tag. Give it one, a digest may follow: payload images are tagged after it`,
  );
}

function refuse(why: string): never {
  console.error(`Cannot write the manifests: ${why}`);
  process.exit(2);
}
