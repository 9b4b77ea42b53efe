// Gathers what the operator's and the installer's image are made of: bundles, Node, tools, and whose code that is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFrom } from '../build/ensure.ts';
import type { Say } from '../progress.ts';
import { run } from '../run.ts';
import { bundle, type Bundle } from './bundle.ts';
import type { DebianPackage } from './debian-files.ts';
import { folderLayer } from './folder-layer.ts';
import { baseFolders, imageBase, packagesFile } from './image-base.ts';
import type { Ingredients } from './image-plan.ts';
import { npmLicenses } from './npm-licenses.ts';
import { debianPart, nodePart, npmParts, type Lock } from './parts.ts';

const root = join(import.meta.dirname, '../..');

export async function gatherIngredients(say: Say): Promise<Ingredients> {
  const [base, operator, installer, lock, project] = await Promise.all([
    gatherBase(say),
    bundle('operator/main.ts'),
    bundle('node-installer/main.ts'),
    readJson<Lock>(join(root, 'package-lock.json')),
    readJson<{ version: string }>(join(root, 'package.json')),
  ]);
  return {
    version: project.version,
    ...base,
    operator: await programOf(operator, lock),
    installer: await programOf(installer, lock),
  };
}

async function programOf({ text, modules }: Bundle, lock: Lock): Promise<Ingredients['operator']> {
  return { text, parts: npmParts(modules, lock), licenses: await npmLicenses(modules, root) };
}

async function gatherBase(say: Say): Promise<Pick<Ingredients, 'node' | 'tools'>> {
  const home = (await run(['sh', join(root, 'hack/node.sh')])).trim();
  const version = (await run([join(home, 'bin/node'), '--version'])).trim().slice(1);
  const folder = await ensureFrom({ 'image-base': imageBase(home, version) }, 'image-base', say);
  const packages = await readJson<Record<'node' | 'tools', DebianPackage[]>>(join(folder, packagesFile));
  const [node, tools] = await Promise.all([
    folderLayer(join(folder, baseFolders.node)),
    folderLayer(join(folder, baseFolders.tools)),
  ]);
  return {
    node: { layer: node, parts: [nodePart(version), ...packages.node.map(debianPart)] },
    tools: { layer: tools, parts: packages.tools.map(debianPart) },
  };
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
