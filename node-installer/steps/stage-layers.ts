// Stages what the handlers need of several sources laid over each other, and writes down what that was.
import { kubernetesArch } from '../../crds/kubernetes-values.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import type { Sources } from './decide-staging.ts';
import { fillFolder } from './fill-folder.ts';
import { orRefusal } from './or-refusal.ts';
import { folderMode, placeFolder, removeEmptyFolders } from './place-folder.ts';
import type { StepContext, StepResult } from './step.ts';
import { whileLocked } from './while-locked.ts';

export async function stageLayers({ host, task }: StepContext, sources: Sources): Promise<StepResult> {
  const staged = await orRefusal(() => stageFrom(host, task, sources));
  // What is fetched in part is worth the next try; anything else is done with.
  if (staged.reason !== 'DownloadFailed') for (const layer of sources.layers) await layer.tidy();
  if (staged.outcome !== 'done') await removeEmptyFolders(host, task);
  return staged;
}

async function stageFrom(host: Host, task: NodeTask, { folder, recipe, layers }: Sources): Promise<StepResult> {
  await host.makeFolder(runtimeFolder(task.runtime), folderMode);
  // Fetching takes long and changes nothing that others look at, so it needs no lock.
  for (const layer of layers) await layer.fetch();
  return whileLocked(host, async () => {
    const refusal = await placeFolder(host, task, { folder, payloadBytes: 0 }, (temporary) =>
      orRefusal(async () => {
        const filled = await fillFolder(host, task, layers, { temporary, folder });
        return 'files' in filled ? { manifest: manifestOf(host, task, { ...filled, recipe }) } : filled;
      }),
    );
    return refusal ?? { outcome: 'done', folder };
  });
}

function manifestOf(
  { arch }: Host,
  { family, version }: NodeTask,
  rest: Pick<PayloadManifest, 'files' | 'links' | 'recipe'>,
): Uint8Array {
  const manifest: PayloadManifest = { family, version, arch: kubernetesArch.parse(arch), ...rest };
  return new TextEncoder().encode(JSON.stringify(manifest));
}
