// One source of a payload as the stage step uses it: looked through from one end to the other, then read again where it must be.
import type { PayloadEntry } from './payload-tree.ts';

export type LayerFile = { readonly path: string; readonly chunks: AsyncIterable<Uint8Array> };

/** `chunks` are a file's. An archive's pass by: whoever wants them reads them before the next entry. */
export type LayerEntry = LayerFile & { readonly entry: PayloadEntry };

export interface Layer {
  /** Another string for another content; known before the content is fetched. */
  readonly identity: string;
  /** Brings the content onto the host, proved to be the right one. */
  fetch(): Promise<void>;
  /** All of it, in its own order; the last time that a path comes is the one that counts. */
  entries(): AsyncIterable<LayerEntry>;
  /** The files of those paths, each once, after {@link entries}; each has to be read before the next. */
  read(paths: ReadonlySet<string>): AsyncIterable<LayerFile>;
  /** Takes away what fetching left on the host. */
  tidy(): Promise<void>;
}
