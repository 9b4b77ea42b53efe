// Stages what the handlers need of several sources laid over each other, and writes down what that was.
import type { NodeTask } from '../../crds/node-task.ts';
import { kubernetesArch } from '../../crds/kubernetes-values.ts';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { elfArch } from '../payload/elf-machine.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { hashing } from '../payload/hash.ts';
import type { Layer, LayerFile } from '../payload/layer.ts';
import { type Choice, choose, type PayloadEntry } from '../payload/payload-tree.ts';
import { UnfitPayload } from '../payload/unfit-payload.ts';
import { wantsOf } from '../payload/wants.ts';
import type { Sources } from './decide-staging.ts';
import { makeLinks } from './make-links.ts';
import { orRefusal } from './or-refusal.ts';
import { folderMode, placeFolder, removeEmptyFolders, writeFile } from './place-folder.ts';
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
  const owners = await ownersOf(layers);
  const choice = choose(
    new Map([...owners].map(([path, { entry }]) => [path, entry])),
    wantsOf(task),
    task.payloadRoot,
  );
  const payloadBytes = [...choice.files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return whileLocked(host, async () => {
    const refusal = await placeFolder(host, task, { folder, payloadBytes }, (temporary) =>
      orRefusal(async () => {
        const files = await copyChosen(host, owners, choice, temporary);
        const links = [...choice.links].map(([path, target]) => ({ path, target }));
        await makeLinks(host, links, temporary);
        return { manifest: manifestOf(host, task, { files, links, recipe }) };
      }),
    );
    return refusal ?? { outcome: 'done', folder };
  });
}

/** By path: what is there, and the last layer that has it. */
type Owners = ReadonlyMap<string, { readonly entry: PayloadEntry; readonly layer: Layer }>;

async function ownersOf(layers: readonly Layer[]): Promise<Owners> {
  const owners = new Map<string, { entry: PayloadEntry; layer: Layer }>();
  // One after the other: each may fetch a large file.
  for (const layer of layers) {
    const { tree } = await layer.list(new Set());
    for (const [path, entry] of tree) owners.set(path, { entry, layer });
  }
  return owners;
}

async function copyChosen(
  host: Host,
  owners: Owners,
  { files, needed }: Choice,
  folder: string,
): Promise<PayloadManifest['files']> {
  const copied: PayloadManifest['files'] = [];
  for (const layer of new Set([...files.keys()].flatMap((path) => owners.get(path)?.layer ?? []))) {
    const paths = new Set([...files.keys()].filter((path) => owners.get(path)?.layer === layer));
    for await (const file of layer.read(paths)) {
      const { mode = 0o644 } = files.get(file.path) ?? {};
      const chunks = needed.has(file.path) ? forMachine(file, host.arch) : file.chunks;
      const stream = hashing(chunks);
      await writeFile(host, `${folder}/${file.path}`, stream.chunks, mode);
      copied.push({ path: file.path, mode, ...stream.passed() });
    }
  }
  return copied.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function* forMachine({ path, chunks }: LayerFile, arch: string): AsyncIterable<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const built = isFirst ? elfArch(chunk) : undefined;
    isFirst = false;
    if (built !== undefined && built !== arch) {
      const message = `Cannot stage ${path} on an ${arch} node: it is a program for ${built}.`;
      throw new UnfitPayload(
        'WrongArchitecture',
        message,
        'Name a source for this architecture in spec.payload.sources.',
      );
    }
    yield chunk;
  }
}

function manifestOf(
  { arch }: Host,
  { family, version }: NodeTask,
  rest: Pick<PayloadManifest, 'files' | 'links' | 'recipe'>,
): Uint8Array {
  const manifest: PayloadManifest = { family, version, arch: kubernetesArch.parse(arch), ...rest };
  return new TextEncoder().encode(JSON.stringify(manifest));
}
