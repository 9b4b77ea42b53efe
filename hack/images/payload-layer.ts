// Describes a family's payload as an image layer: the files that its newest version's handlers need, and their manifest.
import { join } from 'node:path';
import { containerPaths } from '../../crds/names.ts';
import { manifestName } from '../../crds/payload-manifest.ts';
import type { Family } from '../../runtime/family.ts';
import type { Payload } from './image-plan.ts';
import { manifestOf } from './payload-files.ts';

/** @param folder where the files are on this machine */
export async function payloadLayer(family: Family, folder: string): Promise<Omit<Payload, 'parts'>> {
  const newest = family.versions[0]!;
  const names = [...new Set(newest.variants.flatMap(({ handler }) => handler.requires))];
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const manifest = await manifestOf({ family: family.name, version: newest.version, arch }, folder, names);
  const files = manifest.files.map(({ path, mode }) => ({
    from: join(folder, path),
    to: join(containerPaths.payload, path),
    mode,
  }));
  return {
    family: family.name,
    image: newest.image!,
    title: `${family.title} for Bulkhead`,
    layer: { files: [...files, { text: JSON.stringify(manifest), to: join(containerPaths.payload, manifestName) }] },
  };
}
