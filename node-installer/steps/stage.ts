// Puts the payload on the host: every file verified while it is copied, the folder whole or not there. No engine is touched.
import { dirname } from 'node:path/posix';
import { manifestName, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { type Host, WriteRefused } from '../host/host.ts';
import { generatedFiles, runtimeFolder } from '../payload/folder.ts';
import { hashing } from '../payload/hash.ts';
import type { PayloadSource } from '../payload/source.ts';
import { decideStaging, refuseSpace, type Staging } from './decide-staging.ts';
import { refusalOf } from './no-disk-space.ts';
import { refuse, type Refusal, type StepContext, type StepResult } from './step.ts';
import { whileLocked } from './while-locked.ts';

/** Readable by all: runsc starts itself again as an unprivileged user. */
const folderMode = 0o755;
const generatedMode = 0o644;

export async function stage(context: StepContext): Promise<StepResult> {
  return whileLocked(context.host, async () => {
    const decided = await decideStaging(context);
    switch (decided.kind) {
      case 'Refused':
        return decided.refusal;
      case 'Intact':
        return { outcome: 'unchanged', folder: decided.folder };
      case 'Copy':
        return (await copyPayload(context, decided)) ?? { outcome: 'done', folder: decided.folder };
    }
  });
}

async function copyPayload({ host, task, payload }: StepContext, staging: Staging): Promise<Refusal | undefined> {
  const { folder, manifest } = staging;
  const temporary = `${runtimeFolder(task.runtime)}/.tmp-${folder.slice(folder.lastIndexOf('-') + 1)}`;
  await host.removeTree(temporary);
  const full = await refuseSpace(host, task, manifest);
  if (full) return full;
  const refusal = await refusalOf(() => writePayload(host, task, payload, staging, temporary));
  if (!refusal) return undefined;
  await discard(host, task, temporary);
  // Without what was written, the missing bytes can be told.
  return (refusal.reason === 'NoDiskSpace' && (await refuseSpace(host, task, manifest))) || refusal;
}

async function writePayload(
  host: Host,
  task: NodeTask,
  payload: PayloadSource,
  { folder, bytes, manifest }: Staging,
  temporary: string,
): Promise<Refusal | undefined> {
  await host.makeFolder(temporary, folderMode);
  const refusal = await copyVerified(host, payload, manifest, temporary);
  if (refusal) return refusal;
  for (const { path, text } of generatedFiles(task, folder)) {
    await writeFile(host, `${temporary}/${path}`, once(new TextEncoder().encode(text)), generatedMode);
  }
  await writeFile(host, `${temporary}/${manifestName}`, once(bytes), generatedMode);
  await replaceFolder(host, temporary, folder);
  return undefined;
}

/** *Guarantees*: the whole payload has the digests of the manifest, or a refusal comes back. */
async function copyVerified(
  host: Host,
  payload: PayloadSource,
  { files }: PayloadManifest,
  folder: string,
): Promise<Refusal | undefined> {
  for (const { path, sha256, sizeBytes, mode } of files) {
    const stream = hashing(payload.open(path));
    try {
      // One at a time: they are large, and the disk is the node's.
      await writeFile(host, `${folder}/${path}`, stream.chunks, mode);
    } catch (error) {
      if (error instanceof WriteRefused) throw error;
      return refuse('failed', 'StagingFailed', `Cannot stage ${path} of the payload: ${String(error)}.`);
    }
    const got = stream.passed();
    if (got.sha256 === sha256 && got.sizeBytes === sizeBytes) continue;
    const message = `Cannot stage ${path} of the payload: its sha256 is ${got.sha256.slice(0, 12)}…, the manifest has ${sha256.slice(0, 12)}….`;
    return refuse('failed', 'PayloadCorrupt', message, 'The payload image is damaged: pull or build it anew.');
  }
  return undefined;
}

async function writeFile(host: Host, path: string, chunks: AsyncIterable<Uint8Array>, mode: number): Promise<void> {
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

async function discard(host: Host, { runtime }: NodeTask, temporary: string): Promise<void> {
  await host.removeTree(temporary);
  await host.removeEmptyFolder(runtimeFolder(runtime));
  await host.removeEmptyFolder(dirname(runtimeFolder(runtime)));
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
