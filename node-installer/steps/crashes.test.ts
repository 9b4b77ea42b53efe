// The machine dies before any one effect of an install, an update or a removal: the config is whole, and the next run gets there.
import { describe, expect, it } from 'vitest';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { type Change, changes } from '../../test/node-installer/changes.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

type Engine = { readonly line: '1.7' | '2.3'; readonly config: string };

const runtimes = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\nruntime_type = "x"';
const engines: Record<string, Engine> = {
  'containerd 2.3': { line: '2.3', config: '# an admin\nversion = 3\n' },
  'containerd 1.7': { line: '1.7', config: `# an admin\nversion = 2\n${runtimes}` },
  'containerd 1.7 without runtimes': { line: '1.7', config: '# an admin\nversion = 2\n' },
};
const [handler] = tinyTask().handlers;
const other = tinyTask({ runtime: 'tiny-two', handlers: handler ? [{ ...handler, name: 'tiny-two' }] : [] });
const allChanges: Record<string, Change> = {
  ...changes,
  'an install beside another': { before: [other], task: tinyTask(), steps: install },
  'a removal beside another': { before: [other, tinyTask()], task: tinyTask(), steps: ['remove'] },
};
const onEngines = Object.entries(engines).flatMap(([name, engine]) =>
  Object.entries(allChanges).map(([change, value]) => [`${change} on ${name}`, engine, value] as const),
);
const configPath = '/etc/containerd/config.toml';

async function nodeBefore({ line, config }: Engine, { before }: Change): Promise<FakeNode> {
  const node = await fakeNode(config, line);
  for (const task of before) await runSteps(node.host, tinyPayload(), task, install);
  return node;
}

/** A crash releases the lock, as the kernel does, and takes what was in memory with it. */
async function runUntilCrash(node: FakeNode, { task, steps }: Change, effects: number): Promise<boolean> {
  node.host.crashAfter = effects;
  try {
    await runSteps(node.host, tinyPayload(), task, steps);
    return false;
  } catch (error) {
    expect(String(error)).toContain('The machine died before');
    return true;
  } finally {
    node.host.crashAfter = undefined;
  }
}

/** Without the note that spares a look at the clocks. */
function mustBeThere({ host }: FakeNode): string[] {
  return host.paths().filter((path) => !path.endsWith('/loaded.json'));
}

describe.each(onEngines)('%s', (_, engine, change) => {
  it('converges from a crash before any of its effects', async () => {
    const whole = await nodeBefore(engine, change);
    await runSteps(whole.host, tinyPayload(), change.task, change.steps);
    const texts = new Set([
      engine.config,
      whole.host.text(configPath),
      (await nodeBefore(engine, change)).host.text(configPath),
    ]);
    let crashes = 0;
    for (let isCrash = true; isCrash; crashes += 1) {
      const node = await nodeBefore(engine, change);
      isCrash = await runUntilCrash(node, change, crashes);
      expect(texts).toContain(node.host.text(configPath));
      const reports = await runSteps(node.host, tinyPayload(), change.task, change.steps);
      expect(reports.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged')).toEqual([]);
      expect(mustBeThere(node)).toEqual(mustBeThere(whole));
      expect(node.host.text(configPath)).toBe(whole.host.text(configPath));
      expect(node.host.answer).toEqual(whole.host.answer);
    }
    expect(crashes).toBeGreaterThan(5);
  });

  it('has nothing to do the second time', async () => {
    const node = await nodeBefore(engine, change);
    await runSteps(node.host, tinyPayload(), change.task, change.steps);
    const [effects, restarts] = [node.host.effects.length, node.restarts()];
    await runSteps(node.host, tinyPayload(), change.task, change.steps);
    expect(node.host.effects).toHaveLength(effects);
    expect(node.restarts()).toBe(restarts);
  });
});

describe.each(Object.entries(engines))('a hundred installs and removals on %s', (_, { line, config }) => {
  it('leave every byte as it was', async () => {
    const node = await fakeNode(config, line);
    const paths = node.host.paths();
    for (let round = 0; round < 100; round += 1) {
      await runSteps(node.host, tinyPayload(), tinyTask(), install);
      await runSteps(node.host, tinyPayload(), tinyTask(), ['remove']);
    }
    expect(node.host.text(configPath)).toBe(config);
    expect(node.host.paths()).toEqual(paths);
    expect(node.restarts()).toBe(200);
  });
});
