// Looks at a payload's folder on the host: is it there, and is every byte in it as the manifest has it?
import { manifestName, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { generatedFiles, isNamedAfter, runtimeFolder } from '../payload/folder.ts';
import { hashOf } from '../payload/hash.ts';
import { parseManifest } from '../payload/manifest.ts';

export type StagedFolder =
  | { readonly kind: 'Intact' }
  | { readonly kind: 'Absent' }
  /** `differences` are the ends of sentences that begin with a path. */
  | { readonly kind: 'Damaged'; readonly differences: readonly string[] };

/** Whether the folder is the one for the task, by its name; reads the manifest alone. */
export async function isFolderFor(host: Host, task: NodeTask, folder: string): Promise<boolean> {
  const manifest = await host.read(`${folder}/${manifestName}`);
  return manifest !== undefined && isNamedAfter(task, folder, manifest);
}

/** The folder of the task among those of its runtime, known by its name and its manifest. */
export async function findStaged(host: Host, task: NodeTask): Promise<string | undefined> {
  for (const name of await host.list(runtimeFolder(task.runtime))) {
    const folder = `${runtimeFolder(task.runtime)}/${name}`;
    if (await isFolderFor(host, task, folder)) return folder;
  }
  return undefined;
}

/** Reads every file in the folder. */
export async function inspectStaged(host: Host, task: NodeTask, folder: string): Promise<StagedFolder> {
  if ((await host.stat(folder))?.kind !== 'directory') return { kind: 'Absent' };
  const bytes = await host.read(`${folder}/${manifestName}`);
  const manifest = bytes && parseManifest(bytes);
  if (!manifest || !isNamedAfter(task, folder, bytes)) {
    return { kind: 'Damaged', differences: [`${folder}/${manifestName} is ${bytes ? 'changed' : 'missing'}`] };
  }
  const differences = [
    ...(await changedLinks(host, manifest, folder)),
    ...(await changedFiles(host, manifest, folder)),
    ...(await changedGeneratedFiles(host, task, folder)),
    ...(await strangers(host, folder, wholeOf(manifest, task))),
  ];
  return differences.length === 0 ? { kind: 'Intact' } : { kind: 'Damaged', differences };
}

async function changedLinks(host: Host, { links }: PayloadManifest, folder: string): Promise<string[]> {
  const found = await Promise.all(links.map(({ path }) => host.readLink(`${folder}/${path}`)));
  return links.flatMap(({ path, target }, i) => {
    if (found[i] === target) return [];
    return [`${folder}/${path} is ${found[i] === undefined ? `no link to ${target}` : `a link to ${found[i]}`}`];
  });
}

async function changedFiles(host: Host, { files }: PayloadManifest, folder: string): Promise<string[]> {
  const differences: string[] = [];
  for (const file of files) {
    // One at a time: they are large, and the disk is the node's.
    const difference = await changeOf(host, file, `${folder}/${file.path}`);
    if (difference !== undefined) differences.push(`${folder}/${file.path} ${difference}`);
  }
  return differences;
}

async function changeOf(
  host: Host,
  { sha256, sizeBytes, mode }: PayloadManifest['files'][number],
  path: string,
): Promise<string | undefined> {
  const stat = await host.stat(path);
  if (stat?.kind !== 'file') return 'is missing';
  if ((await host.readLink(path)) !== undefined) return 'is a link and not the file';
  if (stat.sizeBytes !== sizeBytes) return `is changed (${stat.sizeBytes} bytes, not ${sizeBytes})`;
  if ((await hashOf(host.readChunks(path))).sha256 !== sha256) return 'is changed';
  return stat.mode === mode ? undefined : `has the mode ${octal(stat.mode)}, not ${octal(mode)}`;
}

async function changedGeneratedFiles(host: Host, task: NodeTask, folder: string): Promise<string[]> {
  const files = generatedFiles(task, folder);
  const found = await Promise.all(files.map(({ path }) => host.read(`${folder}/${path}`)));
  return files.flatMap(({ path, text }, i) => {
    const bytes = found[i];
    if (!bytes) return [`${folder}/${path} is missing`];
    return new TextDecoder().decode(bytes) === text ? [] : [`${folder}/${path} is changed`];
  });
}

function wholeOf({ files, links }: PayloadManifest, task: NodeTask): ReadonlySet<string> {
  return new Set([manifestName, ...[...files, ...links, ...task.generatedFiles].map(({ path }) => path)]);
}

/** Files that nobody has put there by a manifest; folders do not count. */
async function strangers(host: Host, top: string, known: ReadonlySet<string>, below = ''): Promise<string[]> {
  const names = await host.list(`${top}/${below}`);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = `${below}${name}`;
      if (known.has(path)) return [];
      const isLink = (await host.readLink(`${top}/${path}`)) !== undefined;
      const isFolder = !isLink && (await host.stat(`${top}/${path}`))?.kind === 'directory';
      return isFolder ? strangers(host, top, known, `${path}/`) : [`${top}/${path} does not belong there`];
    }),
  );
  return found.flat();
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
