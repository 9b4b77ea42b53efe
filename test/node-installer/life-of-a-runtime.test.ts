// A runtime's whole life on nodes with real containerds of every 2.x line and roots of every kind.
import { afterEach, describe, expect, it } from 'vitest';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { snapshot } from './snapshot.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const lines = ['2.0', '2.1', '2.2', '2.3', '2.4'] as const;

const admin = (id: string) => `[plugins."${id}".containerd.runtimes.admin]
  runtime_type = "io.containerd.runc.v2"
  [plugins."${id}".containerd.runtimes.admin.options]
    SystemdCgroup = false
`;
const v2 = `version = 2\n\n${admin('io.containerd.grpc.v1.cri')}`;
const v3 = `# ours\nversion = 3 # really\nimports = [\n  "/etc/containerd/conf.d/*.toml", # the vendor's\n]\n\n${admin('io.containerd.cri.v1.runtime')}`;

const roots: Record<string, string | undefined> = {
  'no file': undefined,
  'an empty file': '',
  'schema 2': v2,
  'schema 2 with Windows line ends': v2.replaceAll('\n', '\r\n'),
  'schema 2 without runtimes': 'version = 2\n[debug]\n  level = "info"\n',
  'schema 3': v3,
  'schema 4': `version = 4\n${admin('io.containerd.cri.v1.runtime')}`,
};

let node: ContainedNode | undefined;
afterEach(async ({ task }) => {
  if (node && task.result?.state === 'fail') console.log(node.log().slice(-6000));
  await node?.stop();
  node = undefined;
});

const paths = (at: (path: string) => string) => Object.keys(snapshot(at));

describe.each(lines)('with containerd %s', (line) => {
  const readable = Object.entries(roots).filter(([name]) => name !== 'schema 4' || line >= '2.3');

  it.each(readable)('a runtime comes, stays and goes, on a node with %s', { timeout: 120_000 }, async (_, root) => {
    const made = (node = await containedNode(line, root));
    await made.startEngine();
    const pathsBefore = paths(made.at);

    const first = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(first.map(({ outcome, reason, message }) => ({ outcome, reason, message }))).toMatchObject([
      { outcome: 'unchanged' },
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'unchanged' },
    ]);
    expect(first.at(-1)?.handlers).toContain('tiny');
    if (root?.includes('admin')) expect(first.at(-1)?.handlers).toContain('admin');
    expect(made.restarts()).toBe(1);

    const settled = snapshot(made.at);
    const second = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(second.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(snapshot(made.at)).toEqual(settled);
    expect(made.restarts()).toBe(1);

    const removed = await runSteps(made.host, tinyPayload(), tinyTask(), ['remove']);
    expect(removed).toMatchObject([{ outcome: 'done', engineRestarts: 1 }]);
    expect(made.read(configPath)).toBe(root);
    expect(paths(made.at)).toEqual(pathsBefore);
    const listed = await made.host.askCri('/run/containerd/containerd.sock');
    expect(listed).toMatchObject({ kind: 'Answered', runtimeReady: true });
    expect(listed).not.toMatchObject({ handlers: expect.arrayContaining(['tiny']) as unknown });

    const again = await runSteps(made.host, tinyPayload(), tinyTask(), ['remove']);
    expect(again).toMatchObject([{ outcome: 'unchanged' }]);
    expect(made.restarts()).toBe(2);
  });
});
