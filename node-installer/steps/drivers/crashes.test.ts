// The machine dies before any one effect on a node with another engine than containerd: the config is whole, and the next run gets there.
import { describe, expect, it } from 'vitest';
import type { NodeStep } from '../../../crds/node-report.ts';
import type { NodeTask } from '../../../crds/node-task.ts';
import { fakeCrioNode } from '../../../test/fakes/fake-crio-node.ts';
import { daemonJson, fakeDockerNode } from '../../../test/fakes/fake-docker-node.ts';
import type { FakeNode } from '../../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../../test/node-installer/tiny-payload.ts';

const adminsDaemonJson = '{ "debug": true }';

const engines = [
  {
    name: 'CRI-O',
    makeNode: () => fakeCrioNode(),
    configFile: '/etc/crio/crio.conf.d/90-bulkhead-tiny.conf',
    wholes: [undefined],
    restarts: 40,
  },
  {
    name: 'Docker',
    makeNode: async () => fakeDockerNode(adminsDaemonJson),
    configFile: daemonJson,
    // Before the reload of a removal the key must be there, if empty.
    wholes: [adminsDaemonJson, '{ "debug": true, "runtimes": {  } }'],
    restarts: 0,
  },
];

const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });
const changes: [string, { before: readonly NodeTask[]; task: NodeTask; steps: readonly NodeStep[] }][] = [
  ['an install', { before: [], task: tinyTask(), steps: install }],
  ['an update', { before: [tinyTask()], task: update, steps: install }],
  ['a removal', { before: [tinyTask()], task: tinyTask(), steps: ['remove'] }],
];

/** Without the note that spares a look at the clocks. */
function mustBeThere({ host }: FakeNode): string[] {
  return host.paths().filter((path) => !path.endsWith('/loaded.json'));
}

describe.each(engines)('with $name', ({ makeNode, configFile, wholes, restarts: restartsOfTwenty }) => {
  describe.each(changes)('%s', (_, { before, task, steps }) => {
    async function nodeBefore(): Promise<FakeNode> {
      const node = await makeNode();
      for (const earlier of before) await runSteps(node.host, tinyPayload(), earlier, install);
      return node;
    }

    async function runUntilCrash({ host }: FakeNode, effects: number): Promise<boolean> {
      host.crashAfter = effects;
      try {
        await runSteps(host, tinyPayload(), task, steps);
        return false;
      } catch (error) {
        expect(String(error)).toContain('The machine died before');
        return true;
      } finally {
        host.crashAfter = undefined;
      }
    }

    it('converges from a crash before any of its effects', async () => {
      const whole = await nodeBefore();
      const texts = [...wholes, whole.host.text(configFile)];
      await runSteps(whole.host, tinyPayload(), task, steps);
      texts.push(whole.host.text(configFile));
      let crashes = 0;
      for (let isCrash = true; isCrash; crashes += 1) {
        const node = await nodeBefore();
        isCrash = await runUntilCrash(node, crashes);
        expect(texts).toContain(node.host.text(configFile));
        const reports = await runSteps(node.host, tinyPayload(), task, steps);
        expect(reports.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged')).toEqual([]);
        expect(mustBeThere(node)).toEqual(mustBeThere(whole));
        expect(node.host.text(configFile)).toBe(whole.host.text(configFile));
        expect(node.host.answer).toEqual(whole.host.answer);
      }
      expect(crashes).toBeGreaterThan(5);
    });

    it('has nothing to do the second time', async () => {
      const node = await nodeBefore();
      await runSteps(node.host, tinyPayload(), task, steps);
      const [effects, restarts] = [node.host.effects.length, node.restarts()];
      await runSteps(node.host, tinyPayload(), task, steps);
      expect(node.host.effects).toHaveLength(effects);
      expect(node.restarts()).toBe(restarts);
    });
  });

  it('leaves every byte as it was after twenty installs and removals', async () => {
    const node = await makeNode();
    const before = node.host.paths().map((path) => [path, node.host.text(path)]);
    for (let round = 0; round < 20; round += 1) {
      await runSteps(node.host, tinyPayload(), tinyTask(), install);
      await runSteps(node.host, tinyPayload(), tinyTask(), ['remove']);
    }
    expect(node.host.paths().map((path) => [path, node.host.text(path)])).toEqual(before);
    expect(node.restarts()).toBe(restartsOfTwenty);
  });
});
