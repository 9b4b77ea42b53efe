// Names the folder of a payload on the host after everything that is in it.
import { createHash } from 'node:crypto';
import { hostPaths } from '../../crds/names.ts';
import { folderPlaceholder, type NodeTask } from '../../crds/node-task.ts';
import { parseManifest } from './manifest.ts';

/** Holds all versions of one SandboxRuntime's payload. */
export function runtimeFolder(runtime: string): string {
  return `${hostPaths.prefix}/${runtime}`;
}

/** *Guarantees*: another recipe, or without one another manifest, is another folder; and so is another generated file. */
export function payloadFolder(task: NodeTask, content: Uint8Array | { readonly recipe: string }): string {
  const version = task.version.replace(/[^\w.-]/g, '_');
  const decisive = 'recipe' in content ? content.recipe : content;
  return `${runtimeFolder(task.runtime)}/${version}-${digest(task, decisive).slice(0, 12)}`;
}

/** Whether a folder has the name that belongs to the manifest in it. */
export function isNamedAfter(task: NodeTask, folder: string, manifest: Uint8Array): boolean {
  const recipe = parseManifest(manifest)?.recipe;
  return payloadFolder(task, recipe === undefined ? manifest : { recipe }) === folder;
}

/** The files that we write beside the payload's own. */
export function generatedFiles(task: NodeTask, folder: string): { path: string; text: string }[] {
  return task.generatedFiles.map(({ path, text }) => ({ path, text: text.replaceAll(folderPlaceholder, folder) }));
}

function digest({ generatedFiles: generated }: NodeTask, decisive: Uint8Array | string): string {
  const others = generated.map(({ path, text }) => [path, text]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256').update(decisive).update(JSON.stringify(others)).digest('hex');
}
