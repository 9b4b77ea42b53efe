// gVisor as the catalogue has it, from its real files: staged, listed by a real containerd, and gone again.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeTask } from '../../crds/node-task.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { payloadIn, type PayloadSource } from '../../node-installer/payload/source.ts';
import { gvisor } from '../../runtime/gvisor.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';

const names = ['runsc', 'containerd-shim-runsc-v1'];

let node: ContainedNode | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

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

describe.runIf(process.arch === 'x64')('gVisor from the catalogue', { timeout: 180_000 }, () => {
  it.each(['2.0', '2.4'] as const)('joins containerd %s and leaves no trace', async (line) => {
    const made = (node = await containedNode(line, 'version = 3\n'));
    await made.startEngine();
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
    const reports = await runSteps(made.host, payload, task, install);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(reports[3]?.handlers).toContain('gvisor');
    const folder =
      /ConfigPath = "(.+)\/runsc\.toml"/.exec(made.read('/etc/containerd/bulkhead.d/gvisor.toml') ?? '')?.[1] ?? '';
    expect(readFileSync(made.at(`${folder}/runsc.toml`), 'utf8')).toContain(`binary_name = "${folder}/runsc"`);
    expect(await made.host.run([`${folder}/runsc`, '--version'])).toMatchObject({ exitCode: 0 });
    expect(await runSteps(made.host, payload, task, ['remove'])).toMatchObject([
      { outcome: 'done', engineRestarts: 1 },
    ]);
    expect(made.read(configPath)).toBe('version = 3\n');
    expect(made.read('/opt/bulkhead')).toBeUndefined();
  });
});
