// The licence texts of the npm packages whose code is in a bundle, as one text for the image. It writes nothing.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npmFolders } from './parts.ts';

const licenseName = /^(licen[sc]e|copying|notice)([.-].*)?$/i;
const line = '='.repeat(80);

/** @param modules absolute paths of the bundled files. @param root holds node_modules */
export async function npmLicenses(modules: readonly string[], root: string): Promise<string> {
  const texts = await Promise.all(npmFolders(modules).map((folder) => textsOf(folder, root)));
  return texts.join('\n');
}

async function textsOf(folder: string, root: string): Promise<string> {
  const names = (await readdir(join(root, folder))).filter((name) => licenseName.test(name)).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(root, folder, name), 'utf8')));
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Record<
    'name' | 'version' | 'license',
    string
  >;
  const body = texts.length > 0 ? texts.map((text) => text.trim()).join('\n\n') : 'The package brings no licence text.';
  return `${line}\n${name} ${version} (${license})\n${line}\n\n${body}\n`;
}
