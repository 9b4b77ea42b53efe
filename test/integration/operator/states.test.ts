// What the operator says and does when things are not as they should be: specs, nodes, pods, and other people's objects.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resources } from '../../../operator/kube/resource.ts';
import { type FakeNodes, startFakeNodes } from './fake-nodes.ts';
import {
  applyAs,
  entryOf,
  get,
  gvisor,
  mustHaveBehaved,
  never,
  ourLabels,
  podsMade,
  remove,
  type RunningOperator,
  startOperator,
  statusOf,
  until,
  untilGone,
  untilReady,
} from './harness.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
let nodes: FakeNodes;
let operator: RunningOperator;
let aheadMs: number;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  aheadMs = 0;
  nodes = startFakeNodes(cluster.adminConfig);
  await nodes.addNode('a');
  operator = startOperator(cluster, { nowMs: () => Date.now() + aheadMs });
});
afterEach(async () => {
  nodes.answer = () => ({});
  const { items } = await cluster.admin.list(resources.sandboxRuntimes, {}, never);
  for (const { metadata } of items) await remove(cluster, resources.sandboxRuntimes, metadata.name);
  for (const { metadata } of items) await untilGone(cluster, metadata.name);
  await operator.stop();
  const left = await cluster.admin.list(resources.nodes, {}, never);
  for (const { metadata } of left.items) await nodes.removeNode(metadata.name);
  await until('pods are gone', async () => (await cluster.admin.list(resources.pods, {}, never)).items.length === 0);
  await nodes.stop();
  mustHaveBehaved(operator, nodes);
});

const ask = (spec: object = {}, name = 'gvisor') => applyAs(cluster, resources.sandboxRuntimes, gvisor(spec, name));
const label = (node: string, labels: Record<string, string>) =>
  applyAs(cluster, resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels } });
/** Lets time pass, and something happen so that the operator looks. */
const passMinutes = async (minutes: number) => {
  aheadMs += minutes * 60_000;
  await label('a', { poke: String(aheadMs) });
};
const untilEntry = (node: string, matches: object) =>
  until(`the entry of ${node} is ${JSON.stringify(matches)}`, async () => {
    const entry = await entryOf(cluster, node);
    return Object.entries(matches).every(([key, value]) => entry?.[key as 'phase'] === value) && entry;
  });
const untilCondition = (type: string, reason: string, name = 'gvisor') =>
  until(`${type} has reason ${reason}`, async () => {
    const { conditions } = await statusOf(cluster, name);
    return conditions?.find((each) => each.type === type && each.reason === reason);
  });

describe('a spec that means nothing', () => {
  it.each([
    [
      'an unknown family',
      { family: 'gvizor' },
      'UnknownFamily',
      /no runtime family called gvizor\. Use one of: gvisor/,
    ],
    ['an unknown version', { version: '1' }, 'UnknownVersion', /no version of gVisor called 1\. Use one of: 20260905/],
    [
      'an unknown variant',
      { handlers: [{ name: 'x', variant: 'y' }] },
      'UnknownVariant',
      /no variant of gVisor called y\. Use one of: gvisor/,
    ],
  ])('%s is told in a condition, and no node is touched', async (_, spec, reason, message) => {
    await ask(spec);
    expect(await untilCondition('Ready', reason)).toMatchObject({
      status: 'False',
      message: expect.stringMatching(message),
    });
    expect((await statusOf(cluster)).summary).toBe(reason);
    expect(podsMade(nodes)).toEqual({});
  });

  it('leaves what is there alone, and works once it is mended', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    await ask({ version: '1' });
    await untilCondition('Ready', 'UnknownVersion');
    expect(await ourLabels(cluster, 'a')).toHaveProperty(['handler.bulkhead.dev/gvisor'], 'ready');
    await ask();
    await untilReady(cluster, '1/1');
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
  });

  it('a second runtime with the same handler is refused, and the first keeps it', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    await sleep(1000);
    await ask({}, 'again');
    await untilCondition('Ready', 'HandlerTaken', 'again');
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
  });

  it('a RuntimeClass that someone else made is not taken over', async () => {
    const theirs = {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'theirs',
    };
    await applyAs(cluster, resources.runtimeClasses, theirs);
    await ask();
    await untilCondition('Ready', 'RuntimeClassTaken');
    expect(await get(cluster, resources.runtimeClasses, 'gvisor')).toMatchObject({ handler: 'theirs' });
    await remove(cluster, resources.runtimeClasses, 'gvisor');
    await untilReady(cluster, '1/1');
  });
});

describe('a node that cannot take the runtime', () => {
  const reason = 'CriDisabled';
  it('is skipped with the reason, and the others go on', async () => {
    await nodes.addNode('b');
    nodes.answer = ({ node, step }) =>
      node === 'a' && step === 'preflight'
        ? { outcome: 'ineligible', reason, message: 'The CRI is off.', hint: 'Turn it on.' }
        : {};
    await ask();
    await untilReady(cluster, '1/1');
    await until('the other is counted as skipped', async () => (await statusOf(cluster)).nodes?.skipped === 1);
    expect(await entryOf(cluster, 'a')).toMatchObject({
      phase: 'Ineligible',
      step: 'preflight',
      reason,
      hint: 'Turn it on.',
    });
    expect(await ourLabels(cluster, 'a')).not.toHaveProperty(['handler.bulkhead.dev/gvisor']);
  });

  it('of another architecture gets no pod', async () => {
    await nodes.addNode('s390x', { labels: { 'kubernetes.io/arch': 's390x' } });
    await ask();
    await untilReady(cluster, '1/1');
    expect(await entryOf(cluster, 's390x')).toMatchObject({ phase: 'Ineligible', reason: 'WrongArchitecture' });
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
  });
});

describe('a node that fails', () => {
  const fail = { outcome: 'rolledBack', reason: 'EngineDown', message: 'It did not start.', hint: 'Look.' } as const;

  it('is told of, has no handler label, and is tried again after 1, 2, 4 minutes', async () => {
    nodes.answer = ({ step }) => (step === 'activate' ? fail : {});
    await ask();
    await untilEntry('a', { phase: 'RolledBack', attempts: 1 });
    expect(await untilCondition('Degraded', 'EngineDown')).toMatchObject({
      status: 'True',
      message: '1 node failed: a. It did not start. Look.',
    });
    await passMinutes(0.9);
    await sleep(700);
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
    await passMinutes(0.2);
    await untilEntry('a', { phase: 'RolledBack', attempts: 2 });
    await passMinutes(1.5);
    await sleep(700);
    expect(podsMade(nodes)).toEqual({ 'install a': 2 });
    nodes.answer = () => ({});
    await passMinutes(0.6);
    await untilReady(cluster, '1/1');
    expect(podsMade(nodes)).toEqual({ 'install a': 3 });
    expect((await entryOf(cluster, 'a'))?.attempts).toBeUndefined();
    expect((await statusOf(cluster)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', status: 'False' }),
    );
  });

  it('by a crash is told of as well', async () => {
    nodes.answer = ({ step }) => (step === 'stage' ? 'crash' : {});
    await ask();
    const entry = await untilEntry('a', { phase: 'Failed', reason: 'StepCrashed' });
    expect(entry).toMatchObject({ step: 'stage', message: expect.stringContaining('TypeError: x is undefined') });
  });

  it('keeps the new revision from no other node', async () => {
    await nodes.addNode('b');
    nodes.answer = ({ node, step }) => (node === 'a' && step === 'activate' ? fail : {});
    await ask();
    await untilEntry('b', { phase: 'Ready' });
    // The runtime's status follows the node's entry.
    await expect
      .poll(() => statusOf(cluster), { timeout: 10_000 })
      .toMatchObject({ ready: '1/2', summary: 'Degraded' });
  });
});

describe('a removal', () => {
  const blocked = {
    outcome: 'blocked',
    reason: 'SandboxesRunning',
    message: '1 sandbox runs.',
    hint: 'Delete it.',
  } as const;

  it('that sandboxes block says so, asks again, and ends when they are gone', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    nodes.answer = ({ step }) => (step === 'remove' ? blocked : {});
    await remove(cluster, resources.sandboxRuntimes, 'gvisor');
    expect(await untilCondition('RemovalBlocked', 'SandboxesRunning')).toMatchObject({ status: 'True' });
    expect((await statusOf(cluster)).summary).toBe('RemovalBlocked');
    expect(await get(cluster, resources.runtimeClasses, 'gvisor')).toBeUndefined();
    expect(await ourLabels(cluster, 'a')).not.toHaveProperty(['handler.bulkhead.dev/gvisor']);
    nodes.answer = () => ({});
    await passMinutes(1.1);
    await untilGone(cluster);
    expect(podsMade(nodes)).toEqual({ 'install a': 1, 'remove a': 2 });
  });

  it('that sandboxes block goes on at once by force', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    nodes.answer = ({ step, force }) => (step === 'remove' && !force ? blocked : {});
    await remove(cluster, resources.sandboxRuntimes, 'gvisor');
    await untilCondition('RemovalBlocked', 'SandboxesRunning');
    await ask({ removal: { policy: 'Force' } });
    await untilGone(cluster);
    expect(podsMade(nodes)).toEqual({ 'install a': 1, 'remove a': 2 });
  });

  it('during an install waits for the step that runs, and leaves nothing behind', async () => {
    await nodes.addNode('b');
    nodes.answer = ({ step }) => (step === 'activate' ? 'hold' : {});
    await ask();
    await untilEntry('a', { phase: 'Activating' });
    await remove(cluster, resources.sandboxRuntimes, 'gvisor');
    await until('the removal is under way', async () => (await statusOf(cluster)).summary === 'Removing');
    await sleep(700);
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
    nodes.answer = () => ({});
    await untilGone(cluster);
    expect(podsMade(nodes)).toEqual({ 'install a': 1, 'remove a': 1 });
    expect(await ourLabels(cluster, 'a')).toEqual({ 'bulkhead.dev/kvm': 'true' });
  });

  it('waits for a node that is not ready, and ends when the node is deleted', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    await nodes.setReady('a', false);
    await remove(cluster, resources.sandboxRuntimes, 'gvisor');
    await untilCondition('RemovalBlocked', 'NodeNotReady');
    await nodes.removeNode('a');
    await untilGone(cluster);
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
  });

  it('cleans a node that left the selector', async () => {
    await nodes.addNode('b', { labels: { pool: 'sandbox' } });
    await label('a', { pool: 'sandbox' });
    await ask({ nodes: { selector: { pool: 'sandbox' } } });
    await untilReady(cluster, '2/2');
    await label('a', { pool: 'other' });
    await untilReady(cluster, '1/1');
    await until('a is clean', async () => Object.keys(await ourLabels(cluster, 'a')).length === 1);
    expect(podsMade(nodes)).toEqual({ 'install a': 1, 'install b': 1, 'remove a': 1 });
    expect(await entryOf(cluster, 'a')).toBeUndefined();
  });
});

describe('a rollout', () => {
  it('takes no node while another is not ready, and says so', async () => {
    await nodes.addNode('b');
    await nodes.setReady('b', false);
    await ask();
    const { message } = await untilCondition('Progressing', 'RollingOut');
    expect(message).toContain('Not ready, so counted as unavailable: b.');
    await sleep(500);
    expect(podsMade(nodes)).toEqual({});
    await nodes.setReady('b', true);
    await untilReady(cluster, '2/2');
    expect(nodes.mostChanging).toBe(1);
  });

  it('takes two nodes at once when it may', async () => {
    for (const name of ['b', 'c', 'd']) await nodes.addNode(name);
    await ask({ rollout: { maxUnavailable: '50%' } });
    await untilReady(cluster, '4/4');
    expect(nodes.mostChanging).toBe(2);
  });

  it('that is paused changes no node until it goes on', async () => {
    await ask({ rollout: { paused: true } });
    await untilCondition('Paused', 'PausedBySpec');
    await sleep(500);
    expect(podsMade(nodes)).toEqual({});
    await ask({ rollout: { paused: false } });
    await untilReady(cluster, '1/1');
  });

  it('takes a node that joins', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    await nodes.addNode('late');
    await untilReady(cluster, '2/2');
    expect(podsMade(nodes)).toEqual({ 'install a': 1, 'install late': 1 });
  });

  it('leaves a node alone that is tainted or relabelled later', async () => {
    await ask();
    await untilReady(cluster, '1/1');
    const taints = [{ key: 'maintenance', effect: 'NoSchedule' }];
    await applyAs(cluster, resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'a', labels: { x: 'y' } },
      spec: { taints },
    });
    await sleep(700);
    expect(await statusOf(cluster)).toMatchObject({ ready: '1/1', summary: 'Ready' });
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
  });
});

describe("what others do to the operator's objects", () => {
  beforeEach(async () => {
    await ask();
    await untilReady(cluster, '1/1');
  });

  it('a deleted RuntimeClass comes back', async () => {
    await remove(cluster, resources.runtimeClasses, 'gvisor');
    expect(await until('it is back', () => get(cluster, resources.runtimeClasses, 'gvisor'))).toMatchObject({
      handler: 'gvisor',
    });
  });

  it('an edited RuntimeClass is put right', async () => {
    const overhead = { podFixed: { memory: '1Gi' } };
    const edited = {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'gvisor',
      overhead,
    };
    await applyAs(cluster, resources.runtimeClasses, edited);
    const right = await until('it is right', async () => {
      type Class = { overhead: { podFixed: Record<string, string> } };
      const { podFixed } = (await get<Class>(cluster, resources.runtimeClasses, 'gvisor'))?.overhead ?? {};
      return podFixed?.['memory'] === '64Mi' && podFixed;
    });
    expect(right).toEqual({ cpu: '50m', memory: '64Mi' });
  });

  it('an edited handler label is put right', async () => {
    await label('a', { 'handler.bulkhead.dev/gvisor': 'broken' });
    await until('it is right', async () => (await ourLabels(cluster, 'a'))['handler.bulkhead.dev/gvisor'] === 'ready');
    expect(podsMade(nodes)).toEqual({ 'install a': 1 });
  });

  it('a deleted DaemonSet comes back, the node stays ready throughout', async () => {
    await remove(cluster, resources.daemonSets, 'bulkhead-install-gvisor');
    await until('it is back', () => get(cluster, resources.daemonSets, 'bulkhead-install-gvisor'));
    expect(await ourLabels(cluster, 'a')).toHaveProperty(['handler.bulkhead.dev/gvisor'], 'ready');
  });

  it('a node made anew under the same name is installed anew', async () => {
    await nodes.removeNode('a');
    await until('its SandboxNode is gone', async () => (await get(cluster, resources.sandboxNodes, 'a')) === undefined);
    await nodes.addNode('a');
    await until('a second pod is made', async () => podsMade(nodes)['install a'] === 2);
    expect(await untilReady(cluster, '1/1')).toMatchObject({ nodes: { ready: 1 } });
  });
});
