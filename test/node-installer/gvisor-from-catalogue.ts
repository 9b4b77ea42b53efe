// gVisor as the catalogue has it, from its real files: payload and task.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { type NodeTask, nodeTask } from '../../crds/node-task.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { payloadIn, type PayloadSource } from '../../node-installer/payload/source.ts';
import { gvisor } from '../../runtime/gvisor.ts';

const names = ['runsc', 'containerd-shim-runsc-v1'];

export async function gvisorFromCatalogue(): Promise<{ readonly payload: PayloadSource; readonly task: NodeTask }> {
  const [version] = gvisor.versions;
  if (!version) throw new Error('The catalogue has no version of gVisor.');
  const payload = await gvisorPayload(version.version);
  const task = nodeTask.parse({
    runtime: 'gvisor',
    family: 'gvisor',
    version: version.version,
    revision: 'r1',
    handlers: version.variants.map(({ name, handler }) => ({ name, ...handler })),
    generatedFiles: version.generatedFiles,
    needs: gvisor.needs,
  });
  return { payload, task };
}

async function gvisorPayload(version: string): Promise<PayloadSource> {
  const folder = await ensure('gvisor', progress('build'));
  const files = await Promise.all(
    names.map(async (path) => {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(join(folder, path))) hash.update(chunk as Uint8Array);
      return { path, sha256: hash.digest('hex'), sizeBytes: statSync(join(folder, path)).size, mode: 0o755 };
    }),
  );
  const manifest = Buffer.from(JSON.stringify({ family: 'gvisor', version, arch: 'amd64', files }));
  return { ...payloadIn(folder), manifest: async () => manifest };
}
