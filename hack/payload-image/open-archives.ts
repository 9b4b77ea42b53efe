// The archives of a payload as the stage step sees its sources: files of this machine where they lie, URLs in the cache.
import { mkdir, rm, symlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Host } from '../../node-installer/host/host.ts';
import { archiveFile, archiveLayer } from '../../node-installer/payload/archive-layer.ts';
import { digestWrong, hashFile, readHead } from '../../node-installer/payload/download.ts';
import type { Layer } from '../../node-installer/payload/layer.ts';
import { UnfitPayload } from '../../node-installer/payload/unfit-payload.ts';
import { inCache } from '../cache.ts';
import type { Say } from '../progress.ts';
import type { GivenArchive } from './payload-command.ts';

/**
 * *Errors*: throws in words for a file that is not there or has another digest.
 * @param scratch folder of this build
 */
export async function openArchives(
  host: Host,
  archives: readonly GivenArchive[],
  { root, scratch, say }: { readonly root: string | undefined; readonly scratch: string; readonly say: Say },
): Promise<Layer[]> {
  const fetched = inCache('archives');
  await mkdir(fetched, { recursive: true });
  const layers: Layer[] = [];
  for (const { from, digest } of archives) {
    const isUrl = /^https?:\/\//.test(from);
    if (!isUrl) await linkFile(host, { from, digest }, scratch);
    const source = { kind: 'archive' as const, url: from, digest };
    layers.push(archiveLayer(host, source, isUrl ? fetched : scratch, root, say));
  }
  return layers;
}

/** To where the layer would fetch it: a file that has the digest already is not fetched. */
async function linkFile(host: Host, { from, digest }: GivenArchive, scratch: string): Promise<void> {
  const file = resolve(from);
  if ((await host.stat(file))?.kind !== 'file') {
    throw new UnfitPayload('PayloadMissing', `Cannot use ${from}: there is no such file.`);
  }
  const { hash } = await hashFile(host, file, digest);
  const got = hash.digest('hex');
  if (got !== digest.hex) throw digestWrong(from, digest, got, await readHead(host, file));
  const at = archiveFile(scratch, digest);
  await rm(at, { force: true });
  await symlink(file, at);
}
