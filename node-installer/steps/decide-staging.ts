// Decides what staging a payload takes: nothing, a copy, a look into its sources, or a refusal. Nothing is written.
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { payloadFolder, runtimeFolder } from '../payload/folder.ts';
import type { Layer } from '../payload/layer.ts';
import { openLayers } from '../payload/open-layers.ts';
import { judgeManifest, type ManifestVerdict } from '../payload/manifest.ts';
import { noDiskSpace } from './no-disk-space.ts';
import { inspectStaged } from './staged-folder.ts';
import { orRefusal } from './or-refusal.ts';
import { refuse, type Refusal, type StepContext } from './step.ts';

/** Folders, and a file system that likes some air. */
const spareBytes = 16 * 1024 * 1024;

export type Staging = { readonly folder: string; readonly bytes: Uint8Array; readonly manifest: PayloadManifest };

/** What is to be staged is known once they are listed, which may take a download. */
export type Sources = { readonly folder: string; readonly recipe: string; readonly layers: readonly Layer[] };

export type StagingDecision =
  | { readonly kind: 'Refused'; readonly refusal: Refusal }
  | { readonly kind: 'Intact'; readonly folder: string }
  | ({ readonly kind: 'Copy' } & Staging)
  | ({ readonly kind: 'Choose' } & Sources);

export async function decideStaging(context: StepContext): Promise<StagingDecision> {
  const { sources, handlers } = context.task;
  const isImageAlone = sources.every(({ kind }) => kind === 'image');
  const isAsBuilt = handlers.every(({ config, links }) => config === undefined && links === undefined);
  return isImageAlone && isAsBuilt ? decideImage(context) : orRefused(() => decideSources(context));
}

async function decideImage({ host, task, payload }: StepContext): Promise<StagingDecision> {
  const bytes = await payload.manifest();
  const verdict = judgeManifest(bytes, task, host.arch);
  if (!bytes || verdict.kind === 'Unfit') return { kind: 'Refused', refusal: refuseManifest(verdict) };
  const folder = payloadFolder(task, bytes);
  const staged = await inspectStaged(host, task, folder);
  return staged.kind === 'Intact'
    ? { kind: 'Intact', folder }
    : { kind: 'Copy', folder, bytes, manifest: verdict.manifest };
}

export function payloadBytesOf({ manifest }: Pick<Staging, 'manifest'>): number {
  return manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function decideSources({ host, task, payload, tell }: StepContext): Promise<StagingDecision> {
  const layers = await openLayers(host, task, payload, tell);
  const recipe = recipeOf(task, layers);
  const folder = payloadFolder(task, { recipe });
  const staged = await inspectStaged(host, task, folder);
  return staged.kind === 'Intact' ? { kind: 'Intact', folder } : { kind: 'Choose', folder, recipe, layers };
}

/** Everything that decides what the folder holds, as far as it is known before anything is fetched. */
function recipeOf({ handlers, takes, payloadRoot }: NodeTask, layers: readonly Layer[]): string {
  const wanted = handlers.map(({ requires, runtimePath, brings, links, config }) => {
    return { requires, runtimePath, brings, links, config };
  });
  return JSON.stringify({ layers: layers.map(({ identity }) => identity), wanted, takes, payloadRoot });
}

async function orRefused(decide: () => Promise<StagingDecision>): Promise<StagingDecision> {
  const decided = await orRefusal(decide);
  return 'kind' in decided ? decided : { kind: 'Refused', refusal: decided };
}

export async function refuseSpace(
  host: Host,
  { runtime }: NodeTask,
  payloadBytes: number,
): Promise<Refusal | undefined> {
  const neededBytes = payloadBytes + spareBytes;
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
    'Use the payload image that belongs to the version, see spec.payload.sources.',
  );
}
