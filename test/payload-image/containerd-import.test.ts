// Payload images as containerd takes them: imported and mounted by the oldest and the newest line that is supported.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machine } from '../../hack/image/describe-image.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { type Containerd, containedConfig, startContainerd } from '../containerd/start-containerd.ts';
import { buildImage, elf, kataArguments, kataSource, sourceOf } from './build-image.ts';
import { mountsBelow } from './mounts-below.ts';
import { readImage } from './read-image.ts';
import { treeBelow } from './tree-below.ts';

const run = promisify(execFile);
let folder = '';
let containerd: Containerd | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-import-'));
});
afterEach(async () => {
  await containerd?.stop();
  containerd = undefined;
  // From 2.2 on, containerd keeps a mount of its own behind the one that it was asked for.
  for (const at of mountsBelow(folder)) await run('umount', [at]);
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['1.7', '2.4'] as const)('containerd %s', (line) => {
  async function imported(tar: string, image: string): Promise<Record<string, string>> {
    containerd = await startContainerd({ line, folder, configText: containedConfig(line, folder) });
    const program = join(await ensure(`containerd-${line}`, progress('build')), 'ctr');
    const ctr = (...args: string[]) => run(program, ['--address', join(folder, 'sock'), 'images', ...args]);
    const at = join(folder, 'mounted');
    mkdirSync(at);
    await ctr('import', tar);
    await ctr('mount', image, at);
    return treeBelow(join(at, 'payload'));
  }

  it('imports the image and has every file of it', { timeout: 120_000 }, async () => {
    const { name } = await buildImage(
      folder,
      'image.tar',
      kataArguments('kata-qemu-runtime-rs', await kataSource(folder)),
    );
    const unpacked = join(folder, 'unpacked');
    await (await readImage(join(folder, 'image.tar'))).unpack('amd64', unpacked);
    const seen = await imported(join(folder, 'image.tar'), name);
    expect(seen).toEqual(treeBelow(join(unpacked, 'payload')));
    expect(Object.keys(seen)).toContain('bin/qemu-system-x86_64');
  });

  it('takes its own architecture out of an image for several', { timeout: 120_000 }, async () => {
    const spec = join(folder, 'custom.yaml');
    writeFileSync(spec, 'spec: { family: custom, handlers: [{ name: runnc, type: oci, path: bin/runnc }] }\n');
    const sources = [
      `amd64=${await sourceOf(folder, 'amd64.tar', [['bin/runnc', elf(62)]])}`,
      `arm64=${await sourceOf(folder, 'arm64.tar', [['bin/runnc', elf(183)]])}`,
    ];
    const args = ['--spec', spec, ...sources.flatMap((source) => ['--source', source])];
    const { name } = await buildImage(folder, 'both.tar', args);
    const own = join(folder, 'own');
    await (await readImage(join(folder, 'both.tar'))).unpack(machine, own);
    const seen = await imported(join(folder, 'both.tar'), name);
    expect(seen).toEqual(treeBelow(join(own, 'payload')));
  });
});
