// Puts the payload on the host: every file verified while it is copied, the folder whole or not there. No engine is touched.
import { dirname } from 'node:path/posix';
import { manifestName, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { generatedFiles, payloadFolder, runtimeFolder } from '../payload/folder.ts';
import { hashing } from '../payload/hash.ts';
import { judgeManifest } from '../payload/manifest.ts';
import type { PayloadSource } from '../payload/source.ts';
import { noDiskSpace } from './no-disk-space.ts';
import { inspectStaged } from './staged-folder.ts';
import { refuse, type Refusal, type StepContext, type StepResult, whileLocked } from './step.ts';

/** Readable by all: runsc starts itself again as an unprivileged user. */
const folderMode = 0o755;
const generatedMode = 0o644;
/** Folders, and a file system that likes some air. */
const spareBytes = 16 * 1024 * 1024;

export async function stage(context: StepContext): Promise<StepResult> {
  const { host, task, payload } = context;
  const bytes = await payload.manifest();
  const verdict = judgeManifest(bytes, task, host.arch);
  if (!bytes || verdict.kind === 'Unfit') return refuseManifest(verdict);
  const folder = payloadFolder(task, bytes);
  return whileLocked(host, async () => {
    const staged = await inspectStaged(host, task, folder);
    if (staged.kind === 'Intact') return { outcome: 'unchanged', folder };
    const refusal = await copyPayload(context, { folder, bytes, manifest: verdict.manifest });
    return refusal ?? { outcome: 'done', folder };
  });
}

type Staging = { readonly folder: string; readonly bytes: Uint8Array; readonly manifest: PayloadManifest };

async function copyPayload({ host, task, payload }: StepContext, staging: Staging): Promise<Refusal | undefined> {
  const { folder, bytes, manifest } = staging;
  const neededBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, spareBytes);
  const temporary = `${runtimeFolder(task.runtime)}/.tmp-${folder.slice(folder.lastIndexOf('-') + 1)}`;
  await host.removeTree(temporary);
  const freeBytes = await host.freeBytes(runtimeFolder(task.runtime));
  if (freeBytes < neededBytes) return noDiskSpace(neededBytes, freeBytes);
  await host.makeFolder(temporary, folderMode);
  const refusal = await copyVerified(host, payload, manifest, temporary);
  if (refusal) {
    await discard(host, task, temporary);
    return refusal;
  }
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
  await host.rename(temporary, folder);
  await host.removeTree(aside);
}

async function discard(host: Host, { runtime }: NodeTask, temporary: string): Promise<void> {
  await host.removeTree(temporary);
  await host.removeEmptyFolder(runtimeFolder(runtime));
  await host.removeEmptyFolder(dirname(runtimeFolder(runtime)));
}

function refuseManifest(verdict: ReturnType<typeof judgeManifest>): Refusal {
  if (verdict.kind === 'Fits') throw new Error('A payload without a manifest cannot fit.');
  const outcome = verdict.reason === 'WrongArchitecture' ? 'ineligible' : 'failed';
  return refuse(
    outcome,
    verdict.reason,
    verdict.message,
    'Use the payload image that belongs to the version, see spec.payload.image.',
  );
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
