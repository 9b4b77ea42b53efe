// Writes what is generated: the CRDs from the zod schemas, docs/compatibility.md from its data. With --check it writes nothing and fails on drift.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '../crds/custom-resource-definitions.ts';
import { compatibilityPage, type RootOutcome } from './docs/compatibility.ts';

const folder = join(import.meta.dirname, '../crds/generated');
const header = '# Generated from the zod schemas in crds/ by hack/generate.ts.\n';

const crds = customResourceDefinitions.map((crd) => ({
  path: join(folder, `${crd.spec.names.plural}.yaml`),
  text: header + stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false }),
}));

const docs = join(import.meta.dirname, '../docs');
const roots = JSON.parse(await readFile(join(docs, 'compatibility/containerd.json'), 'utf8')) as RootOutcome[];
const files = [...crds, { path: join(docs, 'compatibility.md'), text: compatibilityPage(roots) }];

await mkdir(folder, { recursive: true });
await (process.argv.includes('--check') ? check() : write());

async function write(): Promise<void> {
  await Promise.all(files.map(({ path, text }) => writeFile(path, text)));
}

async function check(): Promise<void> {
  for (const { path, text } of files) {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue;
    console.error(`Cannot accept ${path}: it is not what its sources say. Run npm run generate.`);
    process.exitCode = 1;
  }
}
