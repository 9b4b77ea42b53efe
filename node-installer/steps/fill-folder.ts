// Fills a folder with what the handlers need of a payload's sources. Each source is looked through once, and again only for files
// that turned out to be needed after they had passed by.
import type { NodeTask } from '../../crds/node-task.ts';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import type { Layer } from '../payload/layer.ts';
import { listLayers } from '../payload/list-layers.ts';
import { choose } from '../payload/payload-tree.ts';
import { wantsOf, withLinks } from '../payload/wants.ts';
import { refuseSpace } from './decide-staging.ts';
import { keepChosen } from './keep-chosen.ts';
import { keptFiles } from './kept-files.ts';
import { makeLinks } from './make-links.ts';
import type { Refusal } from './step.ts';
import { writeConfigs } from './write-configs.ts';

export type Filling = { readonly temporary: string; readonly folder: string };

export async function fillFolder(
  host: Host,
  task: NodeTask,
  layers: readonly Layer[],
  filling: Filling,
): Promise<Refusal | Pick<PayloadManifest, 'files' | 'links'>> {
  const { temporary } = filling;
  const kept = keptFiles(host, temporary);
  const { tree, owners, texts } = await listLayers(layers, task, async (file, entry) => {
    // What there is no room for is told when the whole is known, in numbers.
    if (entry.sizeBytes < (await host.freeBytes(temporary))) await kept.keep(file, entry);
  });
  const choice = choose(withLinks(tree, task), wantsOf(task, texts), task.payloadRoot);
  const restBytes = [...kept.missing(choice.files).values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const full = await refuseSpace(host, task, restBytes);
  if (full) return full;
  await keepChosen(host, kept, owners, choice);
  const files = [...kept.forManifest(), ...(await writeConfigs(host, task, texts, filling))];
  const links = [...choice.links].map(([path, target]) => ({ path, target }));
  await makeLinks(host, links, temporary);
  return { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), links };
}
