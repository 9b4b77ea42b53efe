// What we remember on the node about our edits of the engine's config.
import { hostPaths } from '../../crds/names.ts';

/**
 * - `created`: there was no root file.
 * - `edited`: the file was there; its bytes of then are kept beside this record.
 * - `found`: it imported our drop-ins before we came, and shall afterwards.
 * - `owned`: a distribution writes it, and lets handlers in elsewhere.
 *
 * `blocks` are the SandboxRuntimes that have a block in the file (containerd 1.x), or are in an owned config; also one that is about to come or go.
 */
export type RootRecord = {
  readonly root: 'created' | 'edited' | 'found' | 'owned';
  /** A folder that we had to make. */
  readonly madeFolder?: string;
  readonly blocks?: readonly string[];
};

export const recordPath = `${hostPaths.state}/containerd.json`;
export const originalPath = `${hostPaths.state}/config.toml.original`;

export function recordText({ blocks = [], ...record }: RootRecord): string {
  return `${JSON.stringify(blocks.length === 0 ? record : { ...record, blocks })}\n`;
}

/** `undefined` for what we did not write: then our edits are told from the file itself. */
export function parseRecord(text: string | undefined): RootRecord | undefined {
  try {
    const { root, madeFolder, blocks } = JSON.parse(text ?? 'null') as Record<string, unknown>;
    if (root !== 'created' && root !== 'edited' && root !== 'found' && root !== 'owned') return undefined;
    return {
      root,
      ...(typeof madeFolder === 'string' ? { madeFolder } : {}),
      ...(Array.isArray(blocks) ? { blocks: blocks.filter((name) => typeof name === 'string') } : {}),
    };
  } catch {
    return undefined;
  }
}
