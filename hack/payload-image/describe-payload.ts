// What was gathered of a payload as part of an image: a layer per component, the bill of materials, the licence texts.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { componentLayers } from '../images/component-layers.ts';
import { type Payload, repository } from '../images/image-plan.ts';
import { splitByComponent } from '../images/split-by-component.ts';
import { archivePart, componentParts } from './component-parts.ts';
import type { GatheredPayload } from './gather-payload.ts';
import type { PayloadTask } from './payload-task.ts';

const noLicenses =
  'The archives bring no licence texts. What is declared here is what the makers of each component state; a part without a declared licence is a collection of many.';

/** @param folder where the gathered files are */
export async function describePayload(
  { task, family, archives }: PayloadTask,
  { manifest, licenses, versionsText }: GatheredPayload,
  folder: string,
  name = `${repository}/payload-${task.family}:${task.version}`,
): Promise<Payload> {
  const { version } = task;
  const components = splitByComponent(manifest, family.components ?? [], family.name);
  const sha1 = await sha1Of(
    folder,
    manifest.files.map(({ path }) => path),
  );
  return {
    family: family.name,
    name,
    version,
    title: `${family.title} for Bulkhead`,
    layers: componentLayers(components, folder, { compression: 'zstd' }),
    manifest,
    parts: [
      ...componentParts({ version, versionsText }, components, sha1),
      ...archives.map((archive) => archivePart(archive, family, version)),
    ],
    licenses: licenses.map((path) => ({
      from: join(folder, path),
      to: `/usr/share/doc/payload-${family.name}/${path}`,
      mode: 0o644,
    })),
    ...(licenses.length === 0 && { comment: noLicenses }),
  };
}

async function sha1Of(folder: string, paths: readonly string[]): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (const path of paths) {
    const hash = createHash('sha1');
    await pipeline(createReadStream(join(folder, path)), hash);
    sums.set(path, hash.digest('hex'));
  }
  return sums;
}
