// A runtime's whole life on nodes with real containerds of every line and roots of every kind.
import { afterEach, describe, expect, it } from 'vitest';
import { containerdLines } from '../containerd/start-containerd.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { snapshot } from './snapshot.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const admin = (id: string) => `[plugins."${id}".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."${id}".containerd.runtimes.admin]
  runtime_type = "io.containerd.runc.v2"
  [plugins."${id}".containerd.runtimes.admin.options]
    SystemdCgroup = false
`;
const v2 = `version = 2\n\n${admin('io.containerd.grpc.v1.cri')}`;
const v3 = `# ours\nversion = 3 # really\nimports = [\n  "/etc/containerd/conf.d/*.toml", # the vendor's\n]\n\n${admin('io.containerd.cri.v1.runtime')}`;
const dotted = `version = 2
[plugins."io.containerd.grpc.v1.cri".containerd]
  runtimes.runc.runtime_type = "io.containerd.runc.v2"
  runtimes.admin = { runtime_type = "io.containerd.runc.v2", options = { SystemdCgroup = false } }
`;

/** With `lines`, not on every line: corpus.test.ts has more kinds of files, and less of their life. */
const roots: Record<string, { readonly text: string | undefined; readonly lines?: RegExp }> = {
  'no file': { text: undefined },
  'an empty file': { text: '' },
  'schema 1': { text: admin('cri'), lines: /1\.7|2\.[03]/ },
  'schema 2': { text: v2 },
  'schema 2 with Windows line ends': { text: v2.replaceAll('\n', '\r\n'), lines: /1\.7|2\.4/ },
  'schema 2 without an end of its last line': { text: v2.trimEnd(), lines: /1\.7|2\.4/ },
  'schema 2 behind a byte order mark': { text: `\uFEFF${v2}`, lines: /1\.7/ },
  'schema 2 in dotted keys and inline tables': { text: dotted, lines: /1\.7|2\.4/ },
  'schema 2 without runtimes': { text: 'version = 2\n[debug]\n  level = "info"\n', lines: /1\.7|2\.[04]/ },
  'schema 3': { text: v3, lines: /2\./ },
  'schema 4': { text: `version = 4\n${admin('io.containerd.cri.v1.runtime')}`, lines: /2\.[34]/ },
};

let node: ContainedNode | undefined;
afterEach(async ({ task }) => {
  if (node && task.result?.state === 'fail') console.log(node.log().slice(-6000));
  await node?.stop();
  node = undefined;
});

async function handlers({ host }: ContainedNode): Promise<readonly string[]> {
  const answer = await host.askCri('/run/containerd/containerd.sock');
  if (answer.kind === 'Silent' || !answer.runtimeReady)
    throw new Error(`The CRI is not ready: ${JSON.stringify(answer)}.`);
  expect(answer.handlers).toContain('runc');
  return answer.handlers.toSorted();
}

const paths = (at: (path: string) => string) => Object.keys(snapshot(at));

describe.each(containerdLines)('with containerd %s', (line) => {
  const readable = Object.entries(roots).filter(([, { lines }]) => lines?.test(line) ?? true);

  it.each(readable)('a runtime comes, stays and goes, on a node with %s', { timeout: 120_000 }, async (_, { text }) => {
    const made = (node = await containedNode(line, text));
    await made.startEngine();
    const pathsBefore = paths(made.at);
    const before = await handlers(made);

    const first = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(first.map(({ outcome, reason, message }) => ({ outcome, reason, message }))).toMatchObject([
      { outcome: 'unchanged' },
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'unchanged' },
    ]);
    expect(first.at(-1)?.handlers?.toSorted()).toEqual([...before, 'tiny'].toSorted());
    expect(made.restarts()).toBe(1);

    const settled = snapshot(made.at);
    const second = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(second.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(snapshot(made.at)).toEqual(settled);
    expect(made.restarts()).toBe(1);

    const removed = await runSteps(made.host, tinyPayload(), tinyTask(), ['remove']);
    expect(removed).toMatchObject([{ outcome: 'done', engineRestarts: 1 }]);
    expect(made.read(configPath)).toBe(text);
    expect(paths(made.at)).toEqual(pathsBefore);
    expect(await handlers(made)).toEqual(before);

    const again = await runSteps(made.host, tinyPayload(), tinyTask(), ['remove']);
    expect(again).toMatchObject([{ outcome: 'unchanged' }]);
    expect(made.restarts()).toBe(2);
  });
});
