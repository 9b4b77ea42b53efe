// Writes what is generated from the zod schemas: the CRDs as YAML. With --check it writes nothing and fails on drift.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from '../crds/custom-resource-definitions.ts';

const folder = join(import.meta.dirname, '../crds/generated');
const header = '# Generated from the zod schemas in crds/ by hack/generate.ts.\n';

const files = customResourceDefinitions.map((crd) => ({
  path: join(folder, `${crd.spec.names.plural}.yaml`),
  text: header + stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false }),
}));

await mkdir(folder, { recursive: true });
await (process.argv.includes('--check') ? check() : write());

async function write(): Promise<void> {
  await Promise.all(files.map(({ path, text }) => writeFile(path, text)));
}

async function check(): Promise<void> {
  for (const { path, text } of files) {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue;
    console.error(`Cannot accept ${path}: it is not what the schemas say. Run npm run generate.`);
    process.exitCode = 1;
  }
}
