// Writes dist/install.yaml with the images given on the command line; applies nothing.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
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
  installerImage: required('installer'),
  payloadRepository: required('payloads'),
  pauseImage: given.pause,
  replicas: Number(given.replicas),
});
await mkdir(dirname(given.out), { recursive: true });
await writeFile(given.out, yaml);
console.log(given.out);

function required(name: 'operator' | 'installer' | 'payloads'): string {
  const value = given[name];
  if (value !== undefined) return value;
  console.error(`Cannot write the manifests: --${name} is missing. Usage: ${usage}`);
  process.exit(2);
}
