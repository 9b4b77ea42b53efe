// The files of a payload that are in the folder which is being filled, and what its manifest is to say of them.
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { hashing, type Passed } from '../payload/hash.ts';
import type { LayerFile } from '../payload/layer.ts';
import type { PayloadFile } from '../payload/payload-tree.ts';
import { writeFile } from './place-folder.ts';

export interface KeptFiles {
  readonly folder: string;
  /** Takes the place of one with the same path. */
  keep(file: LayerFile, entry: PayloadFile): Promise<void>;
  /** Takes away all others. */
  keepOnly(wanted: ReadonlyMap<string, PayloadFile>): Promise<void>;
  /** Those of the wanted ones that are not there. */
  missing(wanted: ReadonlyMap<string, PayloadFile>): ReadonlyMap<string, PayloadFile>;
  forManifest(): PayloadManifest['files'];
}

export function keptFiles(host: Host, folder: string): KeptFiles {
  const kept = new Map<string, Passed & { readonly entry: PayloadFile }>();
  const forget = async (path: string) => {
    if (kept.delete(path)) await host.removeFile(`${folder}/${path}`);
  };
  return {
    folder,
    keep: async ({ path, chunks }, entry) => {
      await forget(path);
      const stream = hashing(chunks);
      await writeFile(host, `${folder}/${path}`, stream.chunks, modeOf(entry));
      kept.set(path, { ...stream.passed(), entry });
    },
    keepOnly: async (wanted) => {
      for (const [path, { entry }] of kept) if (wanted.get(path) !== entry) await forget(path);
    },
    missing: (wanted) => new Map([...wanted].filter(([path, entry]) => kept.get(path)?.entry !== entry)),
    forManifest: () =>
      [...kept].map(([path, { entry, sha256, sizeBytes }]) => ({ path, mode: modeOf(entry), sha256, sizeBytes })),
  };
}

function modeOf({ mode }: PayloadFile): number {
  return mode & 0o777;
}
