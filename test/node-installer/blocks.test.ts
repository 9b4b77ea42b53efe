// What is particular to containerd 1.7, on nodes with a real one: blocks in the root file, beside each other and beside an admin's edits.
import { afterEach, describe, expect, it } from 'vitest';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const id = 'io.containerd.grpc.v1.cri';
const runtimes = (name: string) => `[plugins."${id}".containerd.runtimes.${name}]
  runtime_type = "io.containerd.runc.v2"
`;
const config = `# an admin's\nversion = 2\n${runtimes('runc')}${runtimes('admin')}`;
const dropIn = '/etc/containerd/bulkhead.d/tiny.toml';

const [handler] = tinyTask().handlers;
const other = tinyTask({ runtime: 'tiny-two', handlers: handler ? [{ ...handler, name: 'tiny-two' }] : [] });
const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });

let node: ContainedNode | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

async function runningNode(text: string): Promise<ContainedNode> {
  node = await containedNode('1.7', text);
  await node.startEngine();
  return node;
}

const installOn = ({ host }: ContainedNode, task = tinyTask()) => runSteps(host, tinyPayload(), task, install);
const removeFrom = ({ host }: ContainedNode, task = tinyTask()) => runSteps(host, tinyPayload(), task, ['remove']);
const textOf = (made: ContainedNode) => made.read(configPath) ?? '';
const blockOf = (made: ContainedNode, name: string) =>
  new RegExp(`^# BEGIN SandboxRuntime ${name}:[^]*^# END SandboxRuntime ${name}\n`, 'm').exec(textOf(made))?.[0];

async function handlers({ host }: ContainedNode): Promise<readonly string[]> {
  const answer = await host.askCri('/run/containerd/containerd.sock');
  return answer.kind === 'Answered' && answer.runtimeReady ? answer.handlers.toSorted() : [];
}

describe('two SandboxRuntimes on a node', { timeout: 120_000 }, () => {
  it.each([
    ['runtimes of an admin', config, ['admin', 'runc']],
    ['none in its root file', 'version = 2\n', ['runc']],
  ])('leave each other’s bytes alone, on a node with %s', async (_, text, before) => {
    const made = await runningNode(text);
    await installOn(made);
    const first = blockOf(made, 'tiny');
    await installOn(made, other);
    const second = blockOf(made, 'tiny-two');
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(blockOf(made, 'tiny')).toBe(first);
    expect(await handlers(made)).toEqual([...before, 'tiny', 'tiny-two']);

    expect((await installOn(made, update))[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect(blockOf(made, 'tiny')).not.toBe(first);
    expect(blockOf(made, 'tiny-two')).toBe(second);
    expect((await installOn(made, update))[2]).toMatchObject({ outcome: 'unchanged' });
    expect((await installOn(made, other))[2]).toMatchObject({ outcome: 'unchanged' });

    expect(await removeFrom(made, update)).toMatchObject([{ outcome: 'done', engineRestarts: 1 }]);
    expect(blockOf(made, 'tiny-two')).toBe(second);
    expect(await handlers(made)).toEqual([...before, 'tiny-two']);
    expect((await installOn(made, other))[2]).toMatchObject({ outcome: 'unchanged' });
    expect(await removeFrom(made, other)).toMatchObject([{ outcome: 'done', engineRestarts: 1 }]);
    expect(textOf(made)).toBe(text);
    expect(await handlers(made)).toEqual(before);
    expect(made.read('/var/lib/bulkhead')).toBeUndefined();
  });
});

describe('a block', { timeout: 60_000 }, () => {
  it('goes alone when an admin has edited the file all around it and in it', async () => {
    const made = await runningNode(config);
    await installOn(made);
    const inBlock = textOf(made).replace('# END', '# a note\n# END');
    made.write(configPath, `# above\n${inBlock}${runtimes('later')}`);
    expect(await removeFrom(made)).toMatchObject([{ outcome: 'done', engineRestarts: 1 }]);
    expect(textOf(made)).toBe(`# above\n${config}${runtimes('later')}`);
  });

  it('is written anew when somebody has changed it', async () => {
    const made = await runningNode(config);
    await installOn(made);
    const text = textOf(made);
    made.write(configPath, text.replace('SystemdCgroup = false', 'SystemdCgroup = true'));
    expect((await installOn(made))[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect(textOf(made)).toBe(text);
  });

  it('is out again when the engine does not start with it', async () => {
    const made = await runningNode('version = 2');
    made.sabotage = () => {
      if (textOf(made) !== 'version = 2') throw new Error('The engine does not start with our block.');
    };
    expect((await installOn(made))[2]).toMatchObject({
      outcome: 'rolledBack',
      reason: 'EngineNotReady',
      engineRestarts: 2,
    });
    expect(textOf(made)).toBe('version = 2');
    expect(await handlers(made)).toEqual(['runc']);
    expect(made.read('/var/lib/bulkhead/containerd.json')).toBeUndefined();
  });

  it('becomes a drop-in once the node has a containerd 2.x, and the bytes of before are back after it', async () => {
    const made = await runningNode('version = 2\n');
    await installOn(made);
    await installOn(made, other);
    await made.replaceEngine('2.3');
    expect(await handlers(made)).toEqual(['runc', 'tiny', 'tiny-two']);
    expect((await installOn(made))[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect(made.read(dropIn)).toContain('.runtimes."tiny"]');
    expect(blockOf(made, 'tiny')).toBeUndefined();
    expect(blockOf(made, 'tiny-two')).toBeDefined();
    expect(await handlers(made)).toEqual(['runc', 'tiny', 'tiny-two']);
    expect((await installOn(made))[2]).toMatchObject({ outcome: 'unchanged' });
    expect((await installOn(made, other))[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect(textOf(made)).not.toContain('# BEGIN');
    for (const task of [tinyTask(), other]) expect(await removeFrom(made, task)).toMatchObject([{ outcome: 'done' }]);
    expect(textOf(made)).toBe('version = 2\n');
    expect(await handlers(made)).toEqual(['runc']);
  });
});

describe('an imported file that has the last word', { timeout: 60_000 }, () => {
  const importing = config.replace('version = 2', 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]');
  const nvidia = `version = 2\n${runtimes('runc')}${runtimes('nvidia')}`;
  const overridden = {
    reason: 'ConfigOverridden',
    message: `Cannot add handlers to ${configPath}: /etc/containerd/conf.d/99-nvidia.toml, which it imports, replaces all of its CRI settings in containerd 1.x.`,
  };

  it('is said to be in the way before anything is written', async () => {
    const made = await runningNode(importing);
    made.write('/etc/containerd/conf.d/99-nvidia.toml', nvidia);
    const [report] = await runSteps(made.host, tinyPayload(), tinyTask(), ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', ...overridden });
    expect(made.restarts()).toBe(0);
  });

  it('does not keep us from taking our block out', async () => {
    const made = await runningNode(importing);
    await installOn(made);
    made.write('/etc/containerd/conf.d/99-nvidia.toml', nvidia);
    expect((await installOn(made))[0]).toMatchObject(overridden);
    expect(await removeFrom(made)).toMatchObject([{ outcome: 'done' }]);
    expect(textOf(made)).toBe(importing);
    expect(await handlers(made)).toEqual(['nvidia', 'runc']);
  });
});
