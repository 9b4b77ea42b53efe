// What the operator says and does when things are not as they should be: specs, nodes, pods, and other people's objects.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { installDaemonSet } from '../../../crds/names.ts';
import { resources } from '../../../operator/kube/resource.ts';
import {
  applyAs,
  entryOf,
  get,
  ourLabels,
  podsMade,
  remove,
  statusOf,
  until,
  untilGone,
  untilReady,
} from './harness.ts';
import { operatorScene } from './scene.ts';

const scene = operatorScene('a');
const { ask, label, passMinutes } = scene;

const untilEntry = (node: string, matches: object) =>
  until(`the entry of ${node} is ${JSON.stringify(matches)}`, async () => {
    const entry = await entryOf(scene.cluster, node);
    return Object.entries(matches).every(([key, value]) => entry?.[key as 'phase'] === value) && entry;
  });
const untilCondition = (type: string, reason: string, name = 'gvisor') =>
  until(`${type} has reason ${reason}`, async () => {
    const { conditions } = await statusOf(scene.cluster, name);
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
    expect((await statusOf(scene.cluster)).summary).toBe(reason);
    expect(podsMade(scene.nodes)).toEqual({});
  });

  it('leaves what is there alone, and works once it is mended', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    await ask({ version: '1' });
    await untilCondition('Ready', 'UnknownVersion');
    expect(await ourLabels(scene.cluster, 'a')).toHaveProperty(['handler.bulkhead.dev/gvisor'], 'ready');
    await ask();
    await untilReady(scene.cluster, '1/1');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });

  it('a second runtime with the same handler is refused, and the first keeps it', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    await sleep(1000);
    await ask({}, 'again');
    await untilCondition('Ready', 'HandlerTaken', 'again');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });

  it('a RuntimeClass that someone else made is not taken over', async () => {
    const theirs = {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'theirs',
    };
    await applyAs(scene.cluster, resources.runtimeClasses, theirs);
    await ask();
    await untilCondition('Ready', 'RuntimeClassTaken');
    expect(await get(scene.cluster, resources.runtimeClasses, 'gvisor')).toMatchObject({ handler: 'theirs' });
    await remove(scene.cluster, resources.runtimeClasses, 'gvisor');
    await untilReady(scene.cluster, '1/1');
  });
});

describe('a node that cannot mount the payload’s image', () => {
  it('gets no pod, which its API server might refuse, until its kubelet can', async () => {
    await scene.nodes.setReady('a', true, 'v1.35.2');
    await ask({ payload: { sources: [{ imageVolume: 'registry.example/payload-gvisor:1' }] } });
    expect(await untilEntry('a', { phase: 'Ineligible', reason: 'ImageVolumesMissing' })).toMatchObject({
      message: expect.stringContaining('its kubelet is v1.35.2') as string,
    });
    expect(await get(scene.cluster, resources.daemonSets, installDaemonSet('gvisor'))).toBeUndefined();
    await scene.nodes.setReady('a', true, 'v1.36.0');
    await untilReady(scene.cluster, '1/1');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });
});

describe('a node that cannot take the runtime', () => {
  const reason = 'CriDisabled';
  it('is skipped with the reason, and the others go on', async () => {
    await scene.nodes.addNode('b');
    scene.nodes.answer = ({ node, step }) =>
      node === 'a' && step === 'preflight'
        ? { outcome: 'ineligible', reason, message: 'The CRI is off.', hint: 'Turn it on.' }
        : {};
    await ask();
    await untilReady(scene.cluster, '1/1');
    await until('the other is counted as skipped', async () => (await statusOf(scene.cluster)).nodes?.skipped === 1);
    expect(await entryOf(scene.cluster, 'a')).toMatchObject({
      phase: 'Ineligible',
      step: 'preflight',
      reason,
      hint: 'Turn it on.',
    });
    expect(await ourLabels(scene.cluster, 'a')).not.toHaveProperty(['handler.bulkhead.dev/gvisor']);
  });

  it('of another architecture gets no pod', async () => {
    await scene.nodes.addNode('s390x', { labels: { 'kubernetes.io/arch': 's390x' } });
    await ask();
    await untilReady(scene.cluster, '1/1');
    expect(await entryOf(scene.cluster, 's390x')).toMatchObject({ phase: 'Ineligible', reason: 'WrongArchitecture' });
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });
});

describe('a node that fails', () => {
  const fail = { outcome: 'rolledBack', reason: 'EngineDown', message: 'It did not start.', hint: 'Look.' } as const;

  it('is told of, has no handler label, and is tried again after 1, 2, 4 minutes', async () => {
    scene.nodes.answer = ({ step }) => (step === 'activate' ? fail : {});
    await ask();
    await untilEntry('a', { phase: 'RolledBack', attempts: 1 });
    expect(await untilCondition('Degraded', 'EngineDown')).toMatchObject({
      status: 'True',
      message: '1 node failed: a. It did not start. Look.',
    });
    await passMinutes(0.9);
    await sleep(700);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
    await passMinutes(0.2);
    await untilEntry('a', { phase: 'RolledBack', attempts: 2 });
    await passMinutes(1.5);
    await sleep(700);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 2 });
    scene.nodes.answer = () => ({});
    await passMinutes(0.6);
    await untilReady(scene.cluster, '1/1');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 3 });
    expect((await entryOf(scene.cluster, 'a'))?.attempts).toBeUndefined();
    expect((await statusOf(scene.cluster)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', status: 'False' }),
    );
  });

  it('by a crash is told of as well', async () => {
    scene.nodes.answer = ({ step }) => (step === 'stage' ? 'crash' : {});
    await ask();
    const entry = await untilEntry('a', { phase: 'Failed', reason: 'StepCrashed' });
    expect(entry).toMatchObject({ step: 'stage', message: expect.stringContaining('TypeError: x is undefined') });
  });

  it('keeps the new revision from no other node', async () => {
    await scene.nodes.addNode('b');
    scene.nodes.answer = ({ node, step }) => (node === 'a' && step === 'activate' ? fail : {});
    await ask();
    await untilEntry('b', { phase: 'Ready' });
    // The runtime's status follows the node's entry.
    await expect
      .poll(() => statusOf(scene.cluster), { timeout: 10_000 })
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
    await untilReady(scene.cluster, '1/1');
    scene.nodes.answer = ({ step }) => (step === 'remove' ? blocked : {});
    await remove(scene.cluster, resources.sandboxRuntimes, 'gvisor');
    expect(await untilCondition('RemovalBlocked', 'SandboxesRunning')).toMatchObject({ status: 'True' });
    expect((await statusOf(scene.cluster)).summary).toBe('RemovalBlocked');
    expect(await get(scene.cluster, resources.runtimeClasses, 'gvisor')).toBeUndefined();
    expect(await ourLabels(scene.cluster, 'a')).not.toHaveProperty(['handler.bulkhead.dev/gvisor']);
    scene.nodes.answer = () => ({});
    await passMinutes(1.1);
    await untilGone(scene.cluster);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'remove a': 2 });
  });

  it('that sandboxes block goes on at once by force', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    scene.nodes.answer = ({ step, force }) => (step === 'remove' && !force ? blocked : {});
    await remove(scene.cluster, resources.sandboxRuntimes, 'gvisor');
    await untilCondition('RemovalBlocked', 'SandboxesRunning');
    await ask({ removal: { policy: 'Force' } });
    await untilGone(scene.cluster);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'remove a': 2 });
  });

  it('during an install waits for the step that runs, and leaves nothing behind', async () => {
    await scene.nodes.addNode('b');
    scene.nodes.answer = ({ step }) => (step === 'activate' ? 'hold' : {});
    await ask();
    await untilEntry('a', { phase: 'Activating' });
    await remove(scene.cluster, resources.sandboxRuntimes, 'gvisor');
    await until('the removal is under way', async () => (await statusOf(scene.cluster)).summary === 'Removing');
    await sleep(700);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
    scene.nodes.answer = () => ({});
    await untilGone(scene.cluster);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'remove a': 1 });
    expect(await ourLabels(scene.cluster, 'a')).toEqual({ 'bulkhead.dev/kvm': 'true' });
  });

  it('waits for a node that is not ready, and ends when the node is deleted', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    await scene.nodes.setReady('a', false);
    await remove(scene.cluster, resources.sandboxRuntimes, 'gvisor');
    await untilCondition('RemovalBlocked', 'NodeNotReady');
    await scene.nodes.removeNode('a');
    await untilGone(scene.cluster);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });

  it('cleans a node that left the selector', async () => {
    await scene.nodes.addNode('b', { labels: { pool: 'sandbox' } });
    await label('a', { pool: 'sandbox' });
    await ask({ nodes: { selector: { pool: 'sandbox' } } });
    await untilReady(scene.cluster, '2/2');
    await label('a', { pool: 'other' });
    await untilReady(scene.cluster, '1/1');
    await until('a is clean', async () => Object.keys(await ourLabels(scene.cluster, 'a')).length === 1);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'install b': 1, 'remove a': 1 });
    expect(await entryOf(scene.cluster, 'a')).toBeUndefined();
  });
});

describe('a rollout', () => {
  it('takes no node while another is not ready, and says so', async () => {
    await scene.nodes.addNode('b');
    await scene.nodes.setReady('b', false);
    await ask();
    const { message } = await untilCondition('Progressing', 'RollingOut');
    expect(message).toContain('Not ready, so counted as unavailable: b.');
    await sleep(500);
    expect(podsMade(scene.nodes)).toEqual({});
    await scene.nodes.setReady('b', true);
    await untilReady(scene.cluster, '2/2');
    expect(scene.nodes.mostChanging).toBe(1);
  });

  it('takes two nodes at once when it may', async () => {
    for (const name of ['b', 'c', 'd']) await scene.nodes.addNode(name);
    await ask({ rollout: { maxUnavailable: '50%' } });
    await untilReady(scene.cluster, '4/4');
    expect(scene.nodes.mostChanging).toBe(2);
  });

  it('that is paused changes no node until it goes on', async () => {
    await ask({ rollout: { paused: true } });
    await untilCondition('Paused', 'PausedBySpec');
    await sleep(500);
    expect(podsMade(scene.nodes)).toEqual({});
    await ask({ rollout: { paused: false } });
    await untilReady(scene.cluster, '1/1');
  });

  it('takes a node that joins', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    await scene.nodes.addNode('late');
    await untilReady(scene.cluster, '2/2');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'install late': 1 });
  });

  it('leaves a node alone that is tainted or relabelled later', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    const taints = [{ key: 'maintenance', effect: 'NoSchedule' }];
    await applyAs(scene.cluster, resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'a', labels: { x: 'y' } },
      spec: { taints },
    });
    await sleep(700);
    expect(await statusOf(scene.cluster)).toMatchObject({ ready: '1/1', summary: 'Ready' });
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });
});

describe("what others do to the operator's objects", () => {
  beforeEach(async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
  });

  it('a deleted RuntimeClass comes back', async () => {
    await remove(scene.cluster, resources.runtimeClasses, 'gvisor');
    expect(await until('it is back', () => get(scene.cluster, resources.runtimeClasses, 'gvisor'))).toMatchObject({
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
    await applyAs(scene.cluster, resources.runtimeClasses, edited);
    const right = await until('it is right', async () => {
      type Class = { overhead: { podFixed: Record<string, string> } };
      const { podFixed } = (await get<Class>(scene.cluster, resources.runtimeClasses, 'gvisor'))?.overhead ?? {};
      return podFixed?.['memory'] === '64Mi' && podFixed;
    });
    expect(right).toEqual({ cpu: '50m', memory: '64Mi' });
  });

  it('an edited handler label is put right', async () => {
    await label('a', { 'handler.bulkhead.dev/gvisor': 'broken' });
    await until(
      'it is right',
      async () => (await ourLabels(scene.cluster, 'a'))['handler.bulkhead.dev/gvisor'] === 'ready',
    );
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1 });
  });

  it('a deleted DaemonSet comes back, the node stays ready throughout', async () => {
    await remove(scene.cluster, resources.daemonSets, 'bulkhead-install-gvisor');
    await until('it is back', () => get(scene.cluster, resources.daemonSets, 'bulkhead-install-gvisor'));
    expect(await ourLabels(scene.cluster, 'a')).toHaveProperty(['handler.bulkhead.dev/gvisor'], 'ready');
  });

  it('a node made anew under the same name is installed anew', async () => {
    await scene.nodes.removeNode('a');
    await until(
      'its SandboxNode is gone',
      async () => (await get(scene.cluster, resources.sandboxNodes, 'a')) === undefined,
    );
    await scene.nodes.addNode('a');
    await until('a second pod is made', async () => podsMade(scene.nodes)['install a'] === 2);
    expect(await untilReady(scene.cluster, '1/1')).toMatchObject({ nodes: { ready: 1 } });
  });
});
