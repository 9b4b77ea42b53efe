// Takes what the handlers of a task need out of a payload's sources, by the code that stages it on nodes, into a folder.
import { posix } from 'node:path';
import type { NodeTask } from '../../crds/node-task.ts';
import { payloadManifest, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../../node-installer/host/host.ts';
import type { Layer } from '../../node-installer/payload/layer.ts';
import { listLayers } from '../../node-installer/payload/list-layers.ts';
import { choose, type PayloadFile, type PayloadTree } from '../../node-installer/payload/payload-tree.ts';
import { wantsOf } from '../../node-installer/payload/wants.ts';
import { keepChosen } from '../../node-installer/steps/keep-chosen.ts';
import { keptFiles } from '../../node-installer/steps/kept-files.ts';

export type GatheredPayload = {
  readonly manifest: PayloadManifest;
  /** Licence texts that the sources bring, in the folder by these paths. */
  readonly licenses: readonly string[];
  /** What the sources say about their components' versions. */
  readonly versionsText: string | undefined;
};

const licenseName = /^(licen[sc]es?|copying|copyright|notice)([.-].*)?$/i;

/**
 * *Errors*: throws in words for what is missing, leads out or was built for another machine than `host.arch`.
 * @param folder what is chosen is copied here
 */
export async function gatherPayload(
  host: Host,
  task: NodeTask,
  layers: readonly Layer[],
  { folder, versionsFile }: { readonly folder: string; readonly versionsFile: string | undefined },
): Promise<GatheredPayload> {
  for (const layer of layers) await layer.fetch();
  const kept = keptFiles(host, folder);
  const alsoTexts = versionsFile === undefined ? [] : [versionsFile];
  const listed = await listLayers(layers, task, (file, entry) => kept.keep(file, entry), alsoTexts);
  const choice = choose(listed.tree, wantsOf(task, listed.texts), task.payloadRoot);
  const licenses = licensesIn(listed.tree);
  await keepChosen(host, kept, listed.owners, { ...choice, files: new Map([...licenses, ...choice.files]) });
  const { family, version } = task;
  const manifest = payloadManifest.parse({
    family,
    version,
    arch: host.arch,
    files: kept
      .forManifest()
      .filter(({ path }) => choice.files.has(path))
      .toSorted(byPath),
    links: [...choice.links].map(([path, target]) => ({ path, target })).toSorted(byPath),
  });
  const versionsText = versionsFile === undefined ? undefined : listed.texts.get(versionsFile);
  return { manifest, licenses: [...licenses.keys()].toSorted(), versionsText };
}

function licensesIn(tree: PayloadTree): Map<string, PayloadFile> {
  const found = new Map<string, PayloadFile>();
  for (const [path, entry] of tree) {
    if (entry.kind !== 'file' || !licenseName.test(posix.basename(path))) continue;
    found.set(path, { ...entry, mode: 0o644 });
  }
  return found;
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
