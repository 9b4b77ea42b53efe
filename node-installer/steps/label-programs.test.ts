import { describe, expect, it } from 'vitest';
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import type { PayloadSource } from '../payload/source.ts';

const tiny = tinyPayload({ 'bin/shim': '#!/bin/sh\n', 'bin/other': '#!/bin/sh\n', 'share/image': 'x' });
const payload: PayloadSource = {
  ...tiny,
  manifest: async () => {
    const manifest = JSON.parse(String(await tiny.manifest())) as PayloadManifest;
    const files = manifest.files.map((file) => ({ ...file, mode: file.path === 'share/image' ? 0o644 : file.mode }));
    return Buffer.from(JSON.stringify({ ...manifest, files }));
  },
};

/** A host with SELinux whose chcon and stat keep the labels in memory. */
async function nodeWith(enforce: string | undefined, refuses?: string) {
  const node = await fakeNode();
  if (enforce !== undefined) node.host.put('/sys/fs/selinux/enforce', enforce);
  const labels = new Map<string, string>();
  const calls: string[] = [];
  const { onRun } = node.host;
  node.host.onRun = async (argv) => {
    const [program = '', ...args] = argv;
    if (program !== 'chcon' && program !== 'stat') return onRun(argv);
    calls.push(program);
    const paths = args.slice(2);
    if (program === 'stat') {
      const text = paths.map((path) => labels.get(path) ?? 'system_u:object_r:usr_t:s0').join('\n');
      return { exitCode: 0, stdout: `${text}\n`, stderr: '' };
    }
    if (refuses !== undefined) return { exitCode: 1, stdout: '', stderr: refuses };
    for (const path of paths) labels.set(path, `system_u:object_r:${args[1]}:s0`);
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  return { node, labels, calls };
}

const run = ({ host }: FakeNode) => runSteps(host, payload, tinyTask(), install);

describe('labelPrograms()', () => {
  it.each(['1', '0'])('labels the programs of a payload, and nothing else, while enforce is %s', async (enforce) => {
    const { node, labels } = await nodeWith(enforce);
    expect((await run(node))[2]).toMatchObject({ outcome: 'done' });
    const folder = [...labels.keys()][0]?.replace(/\/bin\/\w+$/, '') ?? '';
    expect(Object.fromEntries(labels)).toEqual({
      [`${folder}/bin/other`]: 'system_u:object_r:container_runtime_exec_t:s0',
      [`${folder}/bin/shim`]: 'system_u:object_r:container_runtime_exec_t:s0',
    });
    expect(folder).toMatch(/^\/opt\/bulkhead\/tiny\//);
  });

  it('leaves alone what has the label, and repairs what lost it without a restart', async () => {
    const { node, labels, calls } = await nodeWith('1');
    await run(node);
    calls.length = 0;
    expect((await run(node))[2]).toMatchObject({ outcome: 'unchanged' });
    expect(calls).toEqual(['stat']);
    const [path = ''] = labels.keys();
    labels.set(path, 'system_u:object_r:usr_t:s0');
    expect((await run(node))[2]).toMatchObject({ outcome: 'done', engineRestarts: 0 });
    expect(labels.get(path)).toContain('container_runtime_exec_t');
  });

  it('says that the host refuses the label, and goes on', async () => {
    const { node } = await nodeWith('1', 'chcon: Invalid argument\n');
    const reports = await run(node);
    expect(reports[2]).toMatchObject({ outcome: 'done' });
    expect(reports[2]?.message).toMatch(
      /^The programs of \/opt\/bulkhead\/tiny\/.* keep the SELinux label of their folder: chcon on the node failed \(chcon: Invalid argument\)\.$/,
    );
  });

  it('asks nothing on a host without SELinux', async () => {
    const { node, calls } = await nodeWith(undefined);
    await run(node);
    expect(calls).toEqual([]);
  });
});
