// Two installers at once, as processes of their own on real files under a real containerd: one after the other, whatever they are about.
import { afterEach, describe, expect, it } from 'vitest';
import { type Change, changes } from './changes.ts';
import { type ContainedNode, containedNode } from './contained-node.ts';
import { type InstallerProcesses, installerProcesses } from './installer-processes.ts';
import { contentOf } from './node-content.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const config = '# an admin\nversion = 3\n';
const [handler] = tinyTask().handlers;
if (!handler) throw new Error('The task has no handler.');
const other = tinyTask({ runtime: 'other', handlers: [{ ...handler, name: 'other' }] });

let node: ContainedNode | undefined;
let installers: InstallerProcesses | undefined;
afterEach(async () => {
  installers?.stop();
  await node?.stop();
  node = undefined;
});

async function runningNode(): Promise<ContainedNode> {
  node = await containedNode('2.3', config);
  await node.startEngine();
  return node;
}

const installOther: Change = { before: [], task: other, steps: install };

describe('two installers', { timeout: 120_000 }, () => {
  it.each<[string, Change, Change, readonly string[]]>([
    ['that install the same', changes['an install'], changes['an install'], ['tiny']],
    ['that install two runtimes', changes['an install'], installOther, ['other', 'tiny']],
    ['of which one installs and one removes the last', changes['a removal'], installOther, ['other']],
  ])('%s get there', async (_, one, two, handlers) => {
    const made = await runningNode();
    for (const task of one.before) await runSteps(made.host, tinyPayload(), task, install);
    const restarts = made.restarts();
    installers = await installerProcesses(made);
    const said = await Promise.all([installers.run(one), installers.run(two)]);
    expect(said.filter((text) => /Error|failed|rolledBack|blocked|ineligible/.test(text))).toEqual([]);
    const answer = await made.host.askCri('/run/containerd/containerd.sock');
    const listed = answer.kind === 'Answered' ? answer.handlers : [];
    expect(listed.filter((name) => name !== 'runc').toSorted()).toEqual(handlers);
    expect(made.restarts() - restarts).toBe(one === two ? 1 : 2);
    expect(await made.host.list('/run')).not.toContain('bulkhead.lock');
    for (const task of [tinyTask(), other]) await runSteps(made.host, tinyPayload(), task, ['remove']);
    expect(contentOf(made)['/etc/containerd/config.toml']).toBe(config);
    expect(Object.keys(contentOf(made)).filter((path) => /bulkhead/.test(path))).toEqual([]);
  });
});
