// What we remember on the node about our edit of the engine's root file.
import { hostPaths } from '../../crds/names.ts';

/**
 * - `created`: there was no root file; `madeFolder` is the folder that we had to make for it.
 * - `edited`: the file was there; its bytes of then are kept beside this record.
 * - `found`: it imported our drop-ins before we came, and shall afterwards.
 */
export type RootRecord = { readonly root: 'created' | 'edited' | 'found'; readonly madeFolder?: string };

export const recordPath = `${hostPaths.state}/containerd.json`;
export const originalPath = `${hostPaths.state}/config.toml.original`;

export function recordText(record: RootRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** `undefined` for what we did not write: then our edit is told from the file itself. */
export function parseRecord(text: string | undefined): RootRecord | undefined {
  try {
    const { root, madeFolder } = JSON.parse(text ?? 'null') as Record<string, unknown>;
    if (root !== 'created' && root !== 'edited' && root !== 'found') return undefined;
    return { root, ...(typeof madeFolder === 'string' ? { madeFolder } : {}) };
  } catch {
    return undefined;
  }
}
