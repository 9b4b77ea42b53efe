// Gathers what the krun payload is made of, with the licences that its parts must be handed on with. It writes no image.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { krun } from '../../runtime/krun.ts';
import { ensure } from '../build/ensure.ts';
import { licensesFolder } from '../krun/licenses.ts';
import { partsFile } from '../krun/recipe.ts';
import type { Say } from '../progress.ts';
import type { Payload } from './image-plan.ts';
import { builtPayload } from './built-payload.ts';
import type { Part } from './spdx.ts';

export async function gatherKrun(say: Say): Promise<Payload> {
  const folder = await ensure('krun', say);
  const payload = await builtPayload(krun, folder);
  const licenses = (await readdir(join(folder, licensesFolder))).map((name) => ({
    from: join(folder, licensesFolder, name),
    to: `/usr/share/doc/krun/${name}`,
    mode: 0o644,
  }));
  return {
    ...payload,
    licenses,
    parts: JSON.parse(await readFile(join(folder, partsFile), 'utf8')) as Part[],
  };
}
