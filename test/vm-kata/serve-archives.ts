// Serves archives of this machine to node VMs as sources of a payload, each by its digest.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gateway } from '../../hack/vm/plan.ts';
import { serve, type Answer, type Served } from '../archives/serve.ts';

export interface ArchiveSource {
  readonly archive: { readonly url: string; readonly sha256: string };
}

export interface ServedArchives {
  readonly sources: readonly ArchiveSource[];
  stop(): Promise<void>;
}

export async function serveArchives(files: readonly string[]): Promise<ServedArchives> {
  const sources: ArchiveSource[] = [];
  const servers: Served[] = [];
  for (const file of files) {
    const sha256 = await digestOf(file);
    const server = await serve(await fileAt(file));
    servers.push(server);
    // The VM's gateway is this machine's loopback.
    const { port } = new URL(server.url);
    sources.push({ archive: { url: `http://${gateway}:${port}/${basename(file)}`, sha256 } });
  }
  return {
    sources,
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** From where it is asked to, and never as a whole in memory: a real archive has a gigabyte. */
async function fileAt(file: string): Promise<Answer> {
  const { size } = await stat(file);
  return ({ headers }, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    if (start > 0 && start >= size) {
      response.writeHead(416).end();
      return;
    }
    const range = start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': size - start, ...range });
    // Who hangs up asks again for the rest.
    pipeline(createReadStream(file, { start }), response).catch(() => response.destroy());
  };
}
