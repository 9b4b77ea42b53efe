// Copies what was chosen of a payload's sources, each file from the source that owns it, and writes down what each was.
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { elfArch } from '../payload/elf-machine.ts';
import { hashing } from '../payload/hash.ts';
import type { LayerFile } from '../payload/layer.ts';
import type { Listed } from '../payload/list-layers.ts';
import type { Choice } from '../payload/payload-tree.ts';
import { UnfitPayload } from '../payload/unfit-payload.ts';
import { writeFile } from './place-folder.ts';

/** *Errors*: throws for a file that the handlers need and that is a program for another machine than the host. */
export async function copyChosen(
  host: Host,
  owners: Listed['owners'],
  { files, needed }: Choice,
  folder: string,
): Promise<PayloadManifest['files']> {
  const copied: PayloadManifest['files'] = [];
  for (const layer of new Set([...files.keys()].flatMap((path) => owners.get(path) ?? []))) {
    const paths = new Set([...files.keys()].filter((path) => owners.get(path) === layer));
    for await (const file of layer.read(paths)) {
      const { mode = 0o644 } = files.get(file.path) ?? {};
      const stream = hashing(needed.has(file.path) ? forMachine(file, host.arch) : file.chunks);
      await writeFile(host, `${folder}/${file.path}`, stream.chunks, mode);
      copied.push({ path: file.path, mode, ...stream.passed() });
    }
  }
  return copied;
}

async function* forMachine({ path, chunks }: LayerFile, arch: string): AsyncIterable<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const built = isFirst ? elfArch(chunk) : undefined;
    isFirst = false;
    if (built !== undefined && built !== arch) {
      const message = `Cannot stage ${path} on an ${arch} node: it is a program for ${built}.`;
      throw new UnfitPayload(
        'WrongArchitecture',
        message,
        'Name a source for this architecture in spec.payload.sources.',
      );
    }
    yield chunk;
  }
}
