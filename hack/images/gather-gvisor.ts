// Gathers what the gVisor payload is made of, for the newest version in the catalogue. It writes no image.
import { join } from 'node:path';
import { gvisor } from '../../runtime/gvisor.ts';
import { ensure } from '../build/ensure.ts';
import { findGo } from '../build/go-toolchain.ts';
import type { Say } from '../progress.ts';
import { run } from '../run.ts';
import type { Payload } from './image-plan.ts';
import { goParts } from './parts.ts';
import { builtPayload } from './built-payload.ts';
import type { Part } from './spdx.ts';

export async function gatherGvisor(say: Say): Promise<Payload> {
  const folder = await ensure('gvisor', say);
  const programs = gvisor.versions[0]!.variants.flatMap(({ handler }) => handler.requires);
  return {
    ...(await builtPayload(gvisor, folder)),
    parts: await goPartsOf(
      programs.map((path) => join(folder, path)),
      say,
    ),
  };
}

async function goPartsOf(programs: readonly string[], say: Say): Promise<Part[]> {
  const env = await findGo(say);
  const outputs = await Promise.all(programs.map((program) => run(['go', 'version', '-m', program], { env })));
  return [...new Map(outputs.flatMap(goParts).map((part) => [part.purl, part])).values()];
}
