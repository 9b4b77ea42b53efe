// Gathers what the gVisor payload is made of, for the newest version in the catalogue. It writes no image.
import { join } from 'node:path';
import { manifestName } from '../../crds/payload-manifest.ts';
import { containerPaths } from '../../crds/names.ts';
import { gvisor } from '../../runtime/gvisor.ts';
import { ensure } from '../build/ensure.ts';
import { findGo } from '../build/go-toolchain.ts';
import type { Say } from '../progress.ts';
import { run } from '../run.ts';
import type { Payload } from './image-plan.ts';
import { goParts } from './parts.ts';
import { manifestOf } from './payload-files.ts';
import type { Part } from './spdx.ts';

export async function gatherGvisor(say: Say): Promise<Payload> {
  const newest = gvisor.versions[0]!;
  const folder = await ensure('gvisor', say);
  const names = [...new Set(newest.variants.flatMap(({ handler }) => handler.requires))];
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const manifest = await manifestOf({ family: gvisor.name, version: newest.version, arch }, folder, names);
  const programs = manifest.files.map(({ path, mode }) => ({
    from: join(folder, path),
    to: join(containerPaths.payload, path),
    mode,
  }));
  return {
    family: gvisor.name,
    image: newest.image!,
    title: `${gvisor.title} for Bulkhead`,
    layer: { files: [...programs, { text: JSON.stringify(manifest), to: join(containerPaths.payload, manifestName) }] },
    parts: await goPartsOf(
      manifest.files.map(({ path }) => join(folder, path)),
      say,
    ),
  };
}

async function goPartsOf(programs: readonly string[], say: Say): Promise<Part[]> {
  const env = await findGo(say);
  const outputs = await Promise.all(programs.map((program) => run(['go', 'version', '-m', program], { env })));
  return [...new Map(outputs.flatMap(goParts).map((part) => [part.purl, part])).values()];
}
