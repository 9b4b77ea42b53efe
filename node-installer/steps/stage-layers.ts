// Stages what the handlers need of several sources laid over each other, and writes down what that was.
import { kubernetesArch } from '../../crds/kubernetes-values.ts';
import { type NodeTask, overridesOf } from '../../crds/node-task.ts';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { hashing } from '../payload/hash.ts';
import { type Listed, listLayers } from '../payload/list-layers.ts';
import { choose } from '../payload/payload-tree.ts';
import { additionsText, relocateConfig } from '../payload/runtime-config.ts';
import { decisiveFiles, wantsOf, withLinks } from '../payload/wants.ts';
import { copyChosen } from './copy-chosen.ts';
import type { Sources } from './decide-staging.ts';
import { makeLinks } from './make-links.ts';
import { orRefusal } from './or-refusal.ts';
import { folderMode, once, placeFolder, removeEmptyFolders, writeFile } from './place-folder.ts';
import type { StepContext, StepResult } from './step.ts';
import { whileLocked } from './while-locked.ts';

const configMode = 0o644;
/** After what the family itself lays over, and before what the admin does. */
const additionsName = '30-additions.toml';

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
  const listed = await listLayers(layers, decisiveFiles(task));
  const choice = choose(withLinks(listed.tree, task), wantsOf(task, listed.texts), task.payloadRoot);
  const payloadBytes = [...choice.files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return whileLocked(host, async () => {
    const refusal = await placeFolder(host, task, { folder, payloadBytes }, (temporary) =>
      orRefusal(async () => {
        const copied = await copyChosen(host, listed.owners, choice, temporary);
        const configs = await writeConfigs(host, task, listed.texts, { temporary, folder });
        const files = [...copied, ...configs].toSorted((a, b) => (a.path < b.path ? -1 : 1));
        const links = [...choice.links].map(([path, target]) => ({ path, target }));
        await makeLinks(host, links, temporary);
        return { manifest: manifestOf(host, task, { files, links, recipe }) };
      }),
    );
    return refusal ?? { outcome: 'done', folder };
  });
}

/** The runtimes' configs as they read where the payload is to lie, each with what is added to it. */
async function writeConfigs(
  host: Host,
  { handlers, payloadRoot }: NodeTask,
  texts: Listed['texts'],
  { temporary, folder }: { readonly temporary: string; readonly folder: string },
): Promise<PayloadManifest['files']> {
  const files = handlers.flatMap(({ config }) => {
    const text = config && texts.get(config.from);
    if (!config || text === undefined) return [];
    const { from, to, additions = [] } = config;
    const added = [`${overridesOf(to)}/${additionsName}`, additionsText(from, text, additions)] as const;
    const local = payloadRoot === undefined ? text : relocateConfig(text, payloadRoot, folder);
    return [[to, local] as const, ...(additions.length > 0 ? [added] : [])];
  });
  const written: PayloadManifest['files'] = [];
  for (const [path, text] of files) {
    const stream = hashing(once(new TextEncoder().encode(text)));
    await writeFile(host, `${temporary}/${path}`, stream.chunks, configMode);
    written.push({ path, mode: configMode, ...stream.passed() });
  }
  return written;
}

function manifestOf(
  { arch }: Host,
  { family, version }: NodeTask,
  rest: Pick<PayloadManifest, 'files' | 'links' | 'recipe'>,
): Uint8Array {
  const manifest: PayloadManifest = { family, version, arch: kubernetesArch.parse(arch), ...rest };
  return new TextEncoder().encode(JSON.stringify(manifest));
}
