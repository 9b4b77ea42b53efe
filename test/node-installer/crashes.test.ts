// The real installer dies by SIGKILL in the middle of an effect, on real files under a real containerd: the config is whole, the engine
// serves, the next run gets to where an uninterrupted one gets, and a removal gives every byte back.
// `BULKHEAD_CRASHES=all` takes every effect there is; otherwise it is a sample, and all those around the config and the switch.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progress } from '../../hack/progress.ts';
import { type Change, changes } from './changes.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { type InstallerProcesses, installerProcesses } from './installer-processes.ts';
import { contentOf } from './node-content.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload } from './tiny-payload.ts';

const config = '# an admin\nversion = 3\n';
const engineSocket = '/run/containerd/containerd.sock';
const say = progress('crashes');
/** Between them the process does little that another one of them does not. */
const isAll = process.env['BULKHEAD_CRASHES'] === 'all';
const sampleEvery = isAll ? 1 : 29;
const always =
  /^(write|rename) .*(containerd\/config|bulkhead\.d\/?tiny)\.toml|(rename|rm) .*undo\/armed|^(while )?restart/;

let node: ContainedNode;
let installers: InstallerProcesses;
beforeAll(async () => {
  node = await containedNode('2.3', config);
  await node.startEngine();
  installers = await installerProcesses(node);
});
afterAll(async () => {
  installers.stop();
  await node.stop();
});

const run = ({ task, steps }: Change) => runSteps(node.host, tinyPayload(), task, steps);

/** The node as it was before the change. */
async function reset({ before }: Change): Promise<void> {
  await runSteps(node.host, tinyPayload(), changes['a removal'].task, ['remove']);
  for (const task of before) await runSteps(node.host, tinyPayload(), task, install);
}

const untilServing = () =>
  expect.poll(() => node.host.askCri(engineSocket), { timeout: 20_000 }).toMatchObject({ runtimeReady: true });

describe.each(Object.entries(changes))(
  '%s that is cut off',
  { timeout: isAll ? 7_200_000 : 900_000 },
  (name, change: Change) => {
    it('leaves a whole config and a serving engine, and is carried out by the next run', async () => {
      const pristine = contentOf(node);
      await reset(change);
      const old = contentOf(node);
      expect(await installers.run(change)).not.toContain('Error');
      const whole = contentOf(node);
      expect(whole).not.toEqual(old);
      const effects = installers.effects();
      const points = effects.flatMap((effect, at) => (at % sampleEvery === 0 || always.test(effect) ? [at + 1] : []));
      say(`${name}: ${points.length} of ${effects.length} effects`);
      for (const dieAt of points) {
        await reset(change);
        const at = `effect ${dieAt}, ${effects[dieAt - 1]}`;
        const restarts = node.restarts();
        expect({ at, ended: await installers.run(change, dieAt) }).toEqual({ at, ended: 'SIGKILL' });
        // Which goes on without the installer.
        if (effects[dieAt - 1]?.startsWith('while')) await expect.poll(node.restarts).toBe(restarts + 1);
        await installers.settled();
        const isWhole = [old[configPath], whole[configPath]].includes(node.read(configPath));
        expect({ at, isWhole }).toEqual({ at, isWhole: true });
        await untilServing();
        const reports = await run(change);
        const failed = reports.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
        expect({ at, failed }).toEqual({ at, failed: [] });
        expect({ at, content: contentOf(node) }).toEqual({ at, content: whole });
      }
      await runSteps(node.host, tinyPayload(), change.task, ['remove']);
      expect(contentOf(node)).toEqual(pristine);
    });
  },
);
