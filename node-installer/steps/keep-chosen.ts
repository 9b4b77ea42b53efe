// Makes a folder hold what was chosen of a payload's sources and nothing else of them: what was kept while they passed by and not
// chosen goes, what was chosen and not kept is read again from the source that owns it.
import type { Host } from '../host/host.ts';
import { readHead } from '../payload/download.ts';
import { elfArch } from '../payload/elf-machine.ts';
import type { Listed } from '../payload/list-layers.ts';
import type { Choice } from '../payload/payload-tree.ts';
import { UnfitPayload } from '../payload/unfit-payload.ts';
import type { KeptFiles } from './kept-files.ts';

/** *Errors*: throws for a file that the handlers need and that is a program for another machine than the host. */
export async function keepChosen(
  host: Host,
  kept: KeptFiles,
  owners: Listed['owners'],
  { files, needed }: Pick<Choice, 'files' | 'needed'>,
): Promise<void> {
  await kept.keepOnly(files);
  const rest = kept.missing(files);
  for (const layer of new Set([...rest.keys()].flatMap((path) => owners.get(path) ?? []))) {
    const paths = new Set([...rest.keys()].filter((path) => owners.get(path) === layer));
    for await (const file of layer.read(paths)) {
      const entry = rest.get(file.path);
      if (entry) await kept.keep(file, entry);
    }
  }
  for (const path of needed) await refuseOtherMachine(host, path, `${kept.folder}/${path}`);
}

async function refuseOtherMachine(host: Host, path: string, file: string): Promise<void> {
  const built = elfArch(await readHead(host, file));
  if (built === undefined || built === host.arch) return;
  throw new UnfitPayload(
    'WrongArchitecture',
    `Cannot stage ${path} on an ${host.arch} node: it is a program for ${built}.`,
    'Name a source for this architecture in spec.payload.sources.',
  );
}
