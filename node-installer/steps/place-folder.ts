// Puts a payload's folder on the host as a whole: filled under another name, then renamed; or nothing of it stays.
import { dirname } from 'node:path/posix';
import type { NodeTask } from '../../crds/node-task.ts';
import { manifestName } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { once } from '../payload/chunks.ts';
import { generatedFiles, runtimeFolder } from '../payload/folder.ts';
import { refuseSpace } from './decide-staging.ts';
import { refusalOf } from './no-disk-space.ts';
import { inspectStaged } from './staged-folder.ts';
import type { Refusal } from './step.ts';

/** Readable by all: runsc starts itself again as an unprivileged user. */
export const folderMode = 0o755;
const generatedMode = 0o644;

/** Fills the folder and gives the bytes of its manifest, or says why it cannot. */
export type Fill = (temporary: string) => Promise<{ readonly manifest: Uint8Array } | Refusal>;

/** The caller holds the host's lock. */
export async function placeFolder(
  host: Host,
  task: NodeTask,
  place: { readonly folder: string; readonly payloadBytes: number },
  fill: Fill,
): Promise<Refusal | undefined> {
  // Another installer may have placed it while this one waited for the lock, and programs run from it since.
  if ((await inspectStaged(host, task, place.folder)).kind === 'Intact') return undefined;
  const temporary = `${runtimeFolder(task.runtime)}/.tmp-${place.folder.slice(place.folder.lastIndexOf('-') + 1)}`;
  await host.removeTree(temporary);
  const full = await refuseSpace(host, task, place.payloadBytes);
  if (full) return full;
  const refusal = await refusalOf(() => fillAndRename(host, task, { temporary, folder: place.folder }, fill));
  if (!refusal) return undefined;
  await host.removeTree(temporary);
  await removeEmptyFolders(host, task);
  // Without what was written, the missing bytes can be told.
  return (refusal.reason === 'NoDiskSpace' && (await refuseSpace(host, task, place.payloadBytes))) || refusal;
}

async function fillAndRename(
  host: Host,
  task: NodeTask,
  { temporary, folder }: { readonly temporary: string; readonly folder: string },
  fill: Fill,
): Promise<Refusal | undefined> {
  await host.makeFolder(temporary, folderMode);
  const filled = await fill(temporary);
  if (!('manifest' in filled)) return filled;
  for (const { path, text } of generatedFiles(task, folder)) {
    await writeFile(host, `${temporary}/${path}`, once(new TextEncoder().encode(text)), generatedMode);
  }
  await writeFile(host, `${temporary}/${manifestName}`, once(filled.manifest), generatedMode);
  await replaceFolder(host, temporary, folder);
  return undefined;
}

/** What holds the payloads, when it holds none. */
export async function removeEmptyFolders(host: Host, { runtime }: NodeTask): Promise<void> {
  await host.removeEmptyFolder(runtimeFolder(runtime));
  await host.removeEmptyFolder(dirname(runtimeFolder(runtime)));
}

export async function writeFile(
  host: Host,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  mode: number,
): Promise<void> {
  await host.makeFolder(dirname(path), folderMode);
  await host.writeNew(path, chunks, mode);
}

/** A damaged folder is moved aside first: programs that run from it keep their files until they end. */
async function replaceFolder(host: Host, temporary: string, folder: string): Promise<void> {
  const aside = `${temporary}-damaged`;
  if (await host.stat(folder)) {
    await host.removeTree(aside);
    await host.rename(folder, aside);
  }
  try {
    await host.rename(temporary, folder);
  } catch (error) {
    if (await host.stat(aside)) await host.rename(aside, folder);
    throw error;
  }
  await host.removeTree(aside);
}
