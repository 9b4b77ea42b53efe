import { describe, expect, it } from 'vitest';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { readOnly } from '../../test/fakes/read-only.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });

const folders = ({ host }: FakeNode) => host.list('/opt/bulkhead/tiny');
const apply = ({ host }: FakeNode, task = update) => runSteps(host, tinyPayload(), task, install);

/** A node on which the first version is installed, and the name of its folder. */
async function installedNode(): Promise<{ node: FakeNode; old: string }> {
  const node = await fakeNode();
  await apply(node, tinyTask());
  return { node, old: (await folders(node))[0] ?? '' };
}

function addProcess({ host }: FakeNode, argv: readonly string[], exe?: string): void {
  const process = { pid: 7, identity: 'boot/7', argv, cgroups: [], nested: true, startedMs: 0 };
  host.running = [...host.running, exe === undefined ? process : { ...process, exe }];
  const restart = host.onRestart;
  host.onRestart = async (unit) => {
    const result = await restart(unit);
    host.running = [...host.running, exe === undefined ? process : { ...process, exe }];
    return result;
  };
}

describe('collectVersions()', () => {
  it('takes the version before away once the new one serves', async () => {
    const { node, old } = await installedNode();
    await apply(node);
    expect(await folders(node)).toHaveLength(1);
    expect(await folders(node)).not.toContain(old);
  });

  it.each<[string, (old: string) => [string[], string?]]>([
    ['whose program is in it', (old: string) => [['shim'], `${old}/bin/shim`]],
    ['which says that it was started from it', (old: string) => [[`${old}/bin/shim`, '-id', '1']]],
    ['which was given a file in it', (old: string) => [['/usr/bin/vmm', `--kernel=${old}/kernel`]]],
  ])('keeps a version with a process %s', async (_, processOf) => {
    const { node, old } = await installedNode();
    addProcess(node, ...processOf(`/opt/bulkhead/tiny/${old}`));
    const paths = node.host.paths().filter((path) => path.includes(old));
    expect((await apply(node)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(node.host.paths().filter((path) => path.includes(old))).toEqual(paths);
    const effects = node.host.effects.length;
    expect((await apply(node)).map(({ outcome }) => outcome)).toEqual(install.map(() => 'unchanged'));
    expect(node.host.effects).toHaveLength(effects);
  });

  it('leaves it to be found by a look at the node, once its last process has ended', async () => {
    const { node, old } = await installedNode();
    addProcess(node, [`/opt/bulkhead/tiny/${old}/bin/shim`]);
    await apply(node);
    node.host.now += 1000;
    const look = async () => (await runSteps(readOnly(node.host), tinyPayload(), update, ['verify']))[0];
    expect(await look()).not.toHaveProperty('leftovers');
    node.host.running = node.host.running.filter(({ pid }) => pid !== 7);
    expect(await look()).toMatchObject({ outcome: 'unchanged', leftovers: [`/opt/bulkhead/tiny/${old}`] });
  });

  it('takes it at the next run after its last process has ended, without a restart', async () => {
    const { node, old } = await installedNode();
    addProcess(node, [`/opt/bulkhead/tiny/${old}/bin/shim`]);
    await apply(node);
    node.host.running = node.host.running.filter(({ pid }) => pid !== 7);
    expect((await apply(node))[2]).toMatchObject({ outcome: 'done', engineRestarts: 0 });
    expect(await folders(node)).not.toContain(old);
    expect((await apply(node))[2]).toMatchObject({ outcome: 'unchanged' });
  });

  it('does not keep it for a runtime or a version with a longer name', async () => {
    const { node, old } = await installedNode();
    addProcess(node, [`/opt/bulkhead/tiny/${old}-too/bin/shim`, `/opt/bulkhead/tiny-two/${old}/bin/shim`]);
    await apply(node);
    expect(await folders(node)).not.toContain(old);
  });

  it('keeps the version that the engine went back to', async () => {
    const { node, old } = await installedNode();
    const restart = node.host.onRestart;
    let attempts = 0;
    node.host.onRestart = async (unit) => {
      if (attempts++ > 0) return restart(unit);
      node.host.answer = { kind: 'Silent', why: 'it hangs' };
      return { exitCode: 0, stdout: '', stderr: '' };
    };
    expect((await apply(node))[2]).toMatchObject({ outcome: 'rolledBack' });
    expect(await folders(node)).toContain(old);
  });
});
