// Decides what staging a payload takes: nothing, a copy, or a refusal. Nothing is written.
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { payloadFolder, runtimeFolder } from '../payload/folder.ts';
import { judgeManifest, type ManifestVerdict } from '../payload/manifest.ts';
import { noDiskSpace } from './no-disk-space.ts';
import { inspectStaged } from './staged-folder.ts';
import { refuse, type Refusal, type StepContext } from './step.ts';

/** Folders, and a file system that likes some air. */
const spareBytes = 16 * 1024 * 1024;

export type Staging = { readonly folder: string; readonly bytes: Uint8Array; readonly manifest: PayloadManifest };

export type StagingDecision =
  | { readonly kind: 'Refused'; readonly refusal: Refusal }
  | { readonly kind: 'Intact'; readonly folder: string }
  | ({ readonly kind: 'Copy' } & Staging);

export async function decideStaging({ host, task, payload }: StepContext): Promise<StagingDecision> {
  const bytes = await payload.manifest();
  const verdict = judgeManifest(bytes, task, host.arch);
  if (!bytes || verdict.kind === 'Unfit') return { kind: 'Refused', refusal: refuseManifest(verdict) };
  const folder = payloadFolder(task, bytes);
  const staged = await inspectStaged(host, task, folder);
  return staged.kind === 'Intact'
    ? { kind: 'Intact', folder }
    : { kind: 'Copy', folder, bytes, manifest: verdict.manifest };
}

export async function refuseSpace(
  host: Host,
  { runtime }: NodeTask,
  { files }: PayloadManifest,
): Promise<Refusal | undefined> {
  const neededBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, spareBytes);
  const freeBytes = await host.freeBytes(runtimeFolder(runtime));
  return freeBytes < neededBytes ? noDiskSpace(neededBytes, freeBytes) : undefined;
}

function refuseManifest(verdict: ManifestVerdict): Refusal {
  if (verdict.kind === 'Fits') throw new Error('A payload without a manifest cannot fit.');
  const outcome = verdict.reason === 'WrongArchitecture' ? 'ineligible' : 'failed';
  return refuse(
    outcome,
    verdict.reason,
    verdict.message,
    'Use the payload image that belongs to the version, see spec.payload.image.',
  );
}
