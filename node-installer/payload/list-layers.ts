// Lays sources over each other: one tree, and which source each of its files is read from. Nothing is written but downloads.
import type { Layer } from './layer.ts';
import type { PayloadEntry, PayloadTree } from './payload-tree.ts';

export type Listed = {
  readonly tree: PayloadTree;
  /** By path: the last source that has it. */
  readonly owners: ReadonlyMap<string, Layer>;
  readonly texts: ReadonlyMap<string, string>;
};

export async function listLayers(layers: readonly Layer[], wantedTexts: ReadonlySet<string>): Promise<Listed> {
  const owners = new Map<string, Layer>();
  const tree = new Map<string, PayloadEntry>();
  const texts = new Map<string, string>();
  // One after the other: each may fetch a large file.
  for (const layer of layers) {
    const listing = await layer.list(wantedTexts);
    for (const [path, entry] of listing.tree) {
      owners.set(path, layer);
      tree.set(path, entry);
    }
    for (const [path, text] of listing.texts) texts.set(path, text);
  }
  return { tree, owners, texts };
}
