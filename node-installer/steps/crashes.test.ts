// The machine dies before any one effect of an install, an update or a removal: the config is whole, and the next run gets there.
import { describe, expect, it } from 'vitest';
import { fakeCrioNode } from '../../test/fakes/fake-crio-node.ts';
import { daemonJson, fakeDockerNode } from '../../test/fakes/fake-docker-node.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { type Change, changes } from '../../test/node-installer/changes.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

type Engine = {
  readonly makeNode: () => Promise<FakeNode>;
  readonly configPath: string;
  /** Texts of the config that are whole beside those before and after the change. */
  readonly wholes?: readonly (string | undefined)[];
  /** Docker only reloads. */
  readonly restartsPerRound: 0 | 2;
};

function containerd(line: '1.7' | '2.3', config: string): Engine {
  return { makeNode: () => fakeNode(config, line), configPath: '/etc/containerd/config.toml', restartsPerRound: 2 };
}

const runtimes = '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]\nruntime_type = "x"';
const engines: Record<string, Engine> = {
  'containerd 2.3': containerd('2.3', '# an admin\nversion = 3\n'),
  'containerd 1.7': containerd('1.7', `# an admin\nversion = 2\n${runtimes}`),
  'containerd 1.7 without runtimes': containerd('1.7', '# an admin\nversion = 2\n'),
  'CRI-O': {
    makeNode: () => fakeCrioNode(),
    configPath: '/etc/crio/crio.conf.d/90-bulkhead-tiny.conf',
    restartsPerRound: 2,
  },
  Docker: {
    makeNode: async () => fakeDockerNode('{ "debug": true }'),
    configPath: daemonJson,
    // Before the reload of a removal the key must be there, if empty.
    wholes: ['{ "debug": true, "runtimes": {  } }'],
    restartsPerRound: 0,
  },
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

async function nodeBefore({ makeNode }: Engine, { before }: Change): Promise<FakeNode> {
  const node = await makeNode();
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
  const { configPath, makeNode, wholes = [] } = engine;

  it('converges from a crash before any of its effects', async () => {
    const whole = await nodeBefore(engine, change);
    await runSteps(whole.host, tinyPayload(), change.task, change.steps);
    const texts = new Set([
      ...wholes,
      (await makeNode()).host.text(configPath),
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

describe.each(Object.entries(engines))('a hundred installs and removals on %s', (_, engine) => {
  it('leave every byte as it was', async () => {
    const node = await engine.makeNode();
    const before = node.host.paths().map((path) => [path, node.host.text(path)]);
    for (let round = 0; round < 100; round += 1) {
      await runSteps(node.host, tinyPayload(), tinyTask(), install);
      await runSteps(node.host, tinyPayload(), tinyTask(), ['remove']);
    }
    expect(node.host.paths().map((path) => [path, node.host.text(path)])).toEqual(before);
    expect(node.restarts()).toBe(100 * engine.restartsPerRound);
  });
});
