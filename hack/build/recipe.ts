// What the builder must know about one artifact: its version, what it is made from, and how. It runs nothing.

import type { Say } from '../progress.ts';

export interface BuildContext {
  /** The name of the artifact's folder in the cache. */
  readonly key: string;
  /** An empty folder that becomes the artifact. */
  readonly into: string;
  /** An empty folder for whatever is not part of it; removed afterwards. */
  readonly scratch: string;
  readonly logFile: string;
  readonly say: Say;
  /** The folder of an artifact that the recipe needs. */
  readonly from: (name: string) => string;
}

export interface Recipe {
  readonly version: string;
  /** One phrase for the progress line, e.g. `7 programs`. */
  readonly what: string;
  /** Artifacts built before; a change of theirs is a change of this one. */
  readonly needs: readonly string[];
  /** Everything else that decides the bytes that come out; becomes part of the cache key as JSON. */
  readonly inputs: unknown;
  readonly build: (context: BuildContext) => Promise<void>;
}
