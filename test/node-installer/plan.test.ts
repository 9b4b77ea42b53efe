// The plan on nodes with real containerds: it writes nothing, and what it says is what the install does.
import { afterEach, describe, expect, it } from 'vitest';
import { planText } from '../../crds/node-plan.ts';
import { lineDiff } from '../../node-installer/engine/line-diff.ts';
import { readOnly } from '../fakes/read-only.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { snapshot } from './snapshot.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const roots: Record<string, string | undefined> = {
  'no file': undefined,
  'schema 2': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  enable_cdi = true\n',
  'schema 3 with imports': 'version = 3\nimports = [\n  "/etc/containerd/conf.d/*.toml",\n]\n',
};

let node: ContainedNode | undefined;
afterEach(() => node?.stop());

async function planOn({ host, at }: ContainedNode, task = tinyTask()) {
  const before = snapshot(at);
  const [report] = await runSteps(readOnly(host), tinyPayload(), task, ['plan']);
  expect(snapshot(at)).toEqual(before);
  return report;
}

describe.each(['2.1', '2.3'] as const)('with containerd %s', { timeout: 60_000 }, (line) => {
  it.each(Object.entries(roots))('plans what it then does, on a node with %s', async (_, root) => {
    const made = (node = await containedNode(line, root));
    await made.startEngine();
    const planned = await planOn(made);
    expect(planned).toMatchObject({ outcome: 'unchanged', plan: { restart: { unit: 'containerd.service' } } });
    const paths = planned?.plan?.changes.map(({ path }) => path) ?? [];
    const before = paths.map((path) => made.read(path));
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    const diffs = paths.map((path, i) =>
      path.startsWith('/var/lib/') ? '' : lineDiff({ path, before: before[i], after: made.read(path), mode: 0 }),
    );
    expect(planned?.plan?.details.startsWith(diffs.join(''))).toBe(true);
    expect(made.restarts()).toBe(1);
    const again = (await planOn(made))?.plan;
    expect(again && planText(again)).toBe('Nothing would change.\nThe engine would not be restarted.');
  });
});

it('plans a restart for what is on disk and not read yet, and refuses what would not start', async () => {
  const made = (node = await containedNode('2.3', 'version = 3\n'));
  await made.startEngine();
  await runSteps(made.host, tinyPayload(), tinyTask(), install);
  const right = made.read(configPath) ?? '';
  made.write(configPath, `${right}[debug]\n  level = "info"\n`);
  expect((await planOn(made))?.plan).toMatchObject({
    changes: [],
    restart: { because: 'it has not read the config that is on disk' },
  });
  made.write(configPath, right.replace('version = 3', 'version = 99'));
  expect(await planOn(made)).toMatchObject({ outcome: 'ineligible', reason: 'ConfigBroken' });
  expect(made.restarts()).toBe(1);
});

describe('the engine’s own binary', { timeout: 60_000 }, () => {
  it('judges the planned change without its being on the host, and rejects what it then would', async () => {
    const made = (node = await containedNode('2.3', 'version = 3\n'));
    // Not imported yet; the import that is planned would bring it in.
    made.write('/etc/containerd/bulkhead.d/zz.toml', '[debug]\n  level = "debug"\n');
    await made.startEngine();
    const planned = await planOn(made);
    const [, , activated] = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(planned).toMatchObject({ outcome: 'failed', reason: 'CandidateUnfit' });
    expect(planned?.message).toBe(activated?.message);
    expect(made.restarts()).toBe(0);
  });

  it('sees what a root file imports by relative paths', async () => {
    const made = (node = await containedNode('2.3', 'version = 3\nimports = ["conf.d/*.toml", "../other/*.toml"]\n'));
    made.write('/etc/containerd/conf.d/a.toml', '[debug]\n  level = "debug"\n');
    made.write('/etc/other/b.toml', '[metrics]\n  address = "127.0.0.1:0"\n');
    await made.startEngine();
    expect(await planOn(made)).toMatchObject({ outcome: 'unchanged', plan: { changes: expect.any(Array) as unknown } });
  });
});
