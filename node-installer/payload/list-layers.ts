// Looks through sources that lie over each other, once: one tree, which source each of its files is of, the texts that decide, and
// the wanted files handed over while they pass by.
import type { NodeTask } from '../../crds/node-task.ts';
import { bytesOf, once } from './chunks.ts';
import type { Layer, LayerFile } from './layer.ts';
import type { PayloadEntry, PayloadFile, PayloadTree } from './payload-tree.ts';
import { wantedSoFar } from './wanted-so-far.ts';
import { decisiveFiles } from './wants.ts';

export type Listed = {
  readonly tree: PayloadTree;
  /** By path: the last source that has it. */
  readonly owners: ReadonlyMap<string, Layer>;
  /** The content of the files that decide what else is wanted, and of those that were asked for. */
  readonly texts: ReadonlyMap<string, string>;
};

/** A config file larger than this is none. */
const maxTextBytes = 1024 * 1024;

/** Gets a file that is likely to be wanted; the same path may come again, and then that one counts. */
export type Keep = (file: LayerFile, entry: PayloadFile) => Promise<void>;

/** @param alsoTexts files whose content is asked for beside that of those which decide */
export async function listLayers(
  layers: readonly Layer[],
  task: NodeTask,
  keep: Keep,
  alsoTexts: readonly string[] = [],
): Promise<Listed> {
  const owners = new Map<string, Layer>();
  const tree = new Map<string, PayloadEntry>();
  const texts = new Map<string, string>();
  const asked = new Set([...decisiveFiles(task), ...alsoTexts]);
  const wanted = wantedSoFar(task);
  const look = async ({ path, chunks }: LayerFile, entry: PayloadFile) => {
    const isText = asked.has(path) && entry.sizeBytes <= maxTextBytes;
    const bytes = isText ? await bytesOf(chunks) : undefined;
    if (bytes) {
      texts.set(path, bytes.toString());
      wanted.learnText(path, bytes.toString());
    }
    if (wanted.has(path)) await keep({ path, chunks: bytes ? once(bytes) : chunks }, entry);
  };
  // The last one has the last word, so it comes first: what it has is kept of no other.
  for (const layer of layers.toReversed()) {
    for await (const { entry, ...file } of layer.entries()) {
      if ((owners.get(file.path) ?? layer) !== layer) continue;
      owners.set(file.path, layer);
      tree.set(file.path, entry);
      wanted.learn(file.path, entry);
      if (entry.kind === 'file') await look(file, entry);
    }
  }
  return { tree, owners, texts };
}
