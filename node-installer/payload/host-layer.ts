// A payload source that is a folder on the node already.
import { createHash } from 'node:crypto';
import type { Host } from '../host/host.ts';
import type { Layer, LayerEntry, LayerFile } from './layer.ts';
import type { PayloadEntry } from './payload-tree.ts';
import { UnfitPayload } from './unfit-payload.ts';

/** Looks at every file's size, mode and time of change, so that a changed folder is another source. */
export async function hostLayer(host: Host, path: string): Promise<Layer> {
  if ((await host.stat(path))?.kind !== 'directory') {
    const message = `Cannot use the folder ${path} of the node: it is not there.`;
    throw new UnfitPayload(
      'PayloadMissing',
      message,
      'Put the payload there, or keep the node out by spec.nodes.selector.',
    );
  }
  const hash = createHash('sha256');
  const tree = new Map<string, PayloadEntry>();
  for await (const [at, entry, changedMs] of walk(host, path, '')) {
    tree.set(at, entry);
    hash.update(JSON.stringify([at, entry, changedMs]));
  }
  return {
    identity: `${path} ${hash.digest('hex')}`,
    fetch: async () => undefined,
    entries: async function* (): AsyncIterable<LayerEntry> {
      for (const [at, entry] of tree) yield { path: at, entry, chunks: host.readChunks(`${path}/${at}`) };
    },
    read: async function* (paths): AsyncIterable<LayerFile> {
      for (const at of paths)
        if (tree.get(at)?.kind === 'file') yield { path: at, chunks: host.readChunks(`${path}/${at}`) };
    },
    tidy: async () => undefined,
  };
}

async function* walk(host: Host, root: string, folder: string): AsyncIterable<[string, PayloadEntry, number]> {
  for (const name of await host.list(`${root}/${folder}`)) {
    const at = folder === '' ? name : `${folder}/${name}`;
    const target = await host.readLink(`${root}/${at}`);
    if (target !== undefined) {
      yield [at, { kind: 'link', target }, 0];
      continue;
    }
    const stat = await host.stat(`${root}/${at}`);
    if (stat?.kind === 'directory') yield* walk(host, root, at);
    else if (stat?.kind === 'file')
      yield [at, { kind: 'file', sizeBytes: stat.sizeBytes, mode: stat.mode }, stat.changedMs];
    else
      throw new UnfitPayload(
        'PayloadHoldsDevice',
        `Cannot use the folder ${root} of the node: ${at} is no file, folder or link.`,
      );
  }
}
