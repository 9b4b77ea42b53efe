// Looks at a payload's folder on the host: is it there, and is every byte in it as the manifest has it?
import { manifestName, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { generatedFiles, isNamedAfter } from '../payload/folder.ts';
import { hashOf } from '../payload/hash.ts';
import { parseManifest } from '../payload/manifest.ts';

export type StagedFolder =
  | { readonly kind: 'Intact' }
  | { readonly kind: 'Absent' }
  | { readonly kind: 'Damaged'; readonly what: string };

/** Whether the folder is the one for the task, by its name; reads the manifest alone. */
export async function isFolderFor(host: Host, task: NodeTask, folder: string): Promise<boolean> {
  const manifest = await host.read(`${folder}/${manifestName}`);
  return manifest !== undefined && isNamedAfter(task, folder, manifest);
}

/** Reads every file in the folder. */
export async function inspectStaged(host: Host, task: NodeTask, folder: string): Promise<StagedFolder> {
  if ((await host.stat(folder))?.kind !== 'directory') return { kind: 'Absent' };
  const bytes = await host.read(`${folder}/${manifestName}`);
  const manifest = bytes && parseManifest(bytes);
  if (!manifest || !isNamedAfter(task, folder, bytes)) return { kind: 'Damaged', what: manifestName };
  const damaged =
    (await damagedPayloadFile(host, manifest, folder)) ?? (await damagedGeneratedFile(host, task, folder));
  return damaged === undefined ? { kind: 'Intact' } : { kind: 'Damaged', what: damaged };
}

async function damagedPayloadFile(
  host: Host,
  { files, links }: PayloadManifest,
  folder: string,
): Promise<string | undefined> {
  for (const { path, target } of links) {
    if ((await host.readLink(`${folder}/${path}`)) !== target) return path;
  }
  for (const { path, sha256, sizeBytes, mode } of files) {
    // One at a time: they are large, and the disk is the node's.
    const stat = await host.stat(`${folder}/${path}`);
    if (stat?.kind !== 'file' || stat.sizeBytes !== sizeBytes || stat.mode !== mode) return path;
    if ((await hashOf(host.readChunks(`${folder}/${path}`))).sha256 !== sha256) return path;
  }
  return undefined;
}

async function damagedGeneratedFile(host: Host, task: NodeTask, folder: string): Promise<string | undefined> {
  for (const { path, text } of generatedFiles(task, folder)) {
    const bytes = await host.read(`${folder}/${path}`);
    if (!bytes || new TextDecoder().decode(bytes) !== text) return path;
  }
  return undefined;
}
