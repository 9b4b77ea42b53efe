// Describes a payload that the project builds itself as part of an image: what its newest version's handlers need, by component.
import type { Family } from '../../runtime/family.ts';
import { machine } from '../image/describe-image.ts';
import { componentLayers } from './component-layers.ts';
import { type Payload, repository } from './image-plan.ts';
import { manifestOf } from './payload-files.ts';
import { splitByComponent } from './split-by-component.ts';

/** @param folder where the files are on this machine */
export async function builtPayload(family: Family, folder: string): Promise<Omit<Payload, 'parts'>> {
  const newest = family.versions[0]!;
  const names = [...new Set(newest.variants.flatMap(({ handler }) => handler.requires))];
  const manifest = await manifestOf({ family: family.name, version: newest.version, arch: machine }, folder, names);
  return {
    family: family.name,
    name: `${repository}/${newest.image!}`,
    version: newest.version,
    title: `${family.title} for Bulkhead`,
    layers: componentLayers(splitByComponent(manifest, family.components ?? [], family.name), folder),
    manifest,
    licenses: [],
  };
}
