// One source of a payload as the stage step uses it: listed as a whole, then read in whatever order it has.
import type { PayloadTree } from './payload-tree.ts';

export type Listing = {
  readonly tree: PayloadTree;
  /** The content of the files that were asked for and are there. */
  readonly texts: ReadonlyMap<string, string>;
};

export type LayerFile = { readonly path: string; readonly chunks: AsyncIterable<Uint8Array> };

export interface Layer {
  /** Another string for another content; known before the content is fetched. */
  readonly identity: string;
  /** @param texts files whose content is wanted, if they are there and small */
  list(texts: ReadonlySet<string>): Promise<Listing>;
  /** The files of those paths, each once; each has to be read before the next. */
  read(paths: ReadonlySet<string>): AsyncIterable<LayerFile>;
  /** Takes away what listing and reading left on the host. */
  tidy(): Promise<void>;
}

/** A config file larger than this is none. */
export const maxTextBytes = 1024 * 1024;

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}
