// Names the folder of a payload on the host after everything that is in it.
import { createHash } from 'node:crypto';
import { hostPaths } from '../../crds/names.ts';
import { folderPlaceholder, type NodeTask } from '../../crds/node-task.ts';

/** Holds all versions of one SandboxRuntime's payload. */
export function runtimeFolder(runtime: string): string {
  return `${hostPaths.prefix}/${runtime}`;
}

/** *Guarantees*: another manifest or another generated file is another folder. */
export function payloadFolder(task: NodeTask, manifest: Uint8Array): string {
  const version = task.version.replace(/[^\w.-]/g, '_');
  return `${runtimeFolder(task.runtime)}/${version}-${digest(task, manifest).slice(0, 12)}`;
}

/** The files that we write beside the payload's own. */
export function generatedFiles(task: NodeTask, folder: string): { path: string; text: string }[] {
  return task.generatedFiles.map(({ path, text }) => ({ path, text: text.replaceAll(folderPlaceholder, folder) }));
}

function digest({ generatedFiles: generated }: NodeTask, manifest: Uint8Array): string {
  const others = generated.map(({ path, text }) => [path, text]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256').update(manifest).update(JSON.stringify(others)).digest('hex');
}
