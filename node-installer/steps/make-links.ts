// Makes the symbolic links of a payload; it does not judge where they lead.
import { dirname } from 'node:path/posix';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { folderMode } from './place-folder.ts';

export async function makeLinks(host: Host, links: PayloadManifest['links'], folder: string): Promise<void> {
  for (const { path, target } of links) {
    await host.makeFolder(dirname(`${folder}/${path}`), folderMode);
    await host.makeLink(`${folder}/${path}`, target);
  }
}
