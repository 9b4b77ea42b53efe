// Nodes that have the runtime are looked at from time to time, against a real API server; what was changed is told and put right.
import { describe, expect, it } from 'vitest';
import { resources } from '../../../operator/kube/resource.ts';
import { entryOf, eventsOf, get, never, ourLabels, podsMade, statusOf, until, untilReady } from './harness.ts';
import { operatorScene } from './scene.ts';

const scene = operatorScene('a');
const { ask, passMinutes } = scene;

const drift = ['/opt/bulkhead/gvisor/1/runsc is changed', '/etc/containerd/bulkhead.d/gvisor.toml is missing'];
/** What a look at the node finds; installs do their work. */
const answerLooks = (found: readonly string[]) => {
  scene.nodes.answer = ({ pod }) => {
    if (!pod.startsWith('bulkhead-verify') || found.length === 0) return {};
    const message = `Cannot verify gvisor: ${found.join('; ')}.`;
    return { outcome: 'failed', reason: 'PayloadDamaged', message, drift: [...found] };
  };
};
const leftovers = ['/opt/bulkhead/gvisor/20260101-0123456789ab'];
const untilChecked = () =>
  until('the node has been looked at', async () => {
    const entry = await entryOf(scene.cluster, 'a');
    return entry?.check && entry;
  });
const driftsTold = async () =>
  (await eventsOf(scene.cluster)).flatMap(({ reason, message }) => (reason === 'Drifted' ? [message] : []));
const untilPodGone = () =>
  until('no pod that looks is left', async () => {
    const { items } = await scene.cluster.admin.list(resources.pods, {}, never);
    return !items.some(({ metadata }) => metadata.name.startsWith('bulkhead-verify'));
  });

describe('a node that has the runtime', () => {
  it('is looked at once the interval is over, and nothing of that stays on it', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    await passMinutes(359);
    expect(await ourLabels(scene.cluster, 'a')).not.toHaveProperty(['verify.bulkhead.dev/gvisor']);
    await passMinutes(2);
    expect((await untilChecked()).check).not.toHaveProperty('drift');
    await untilPodGone();
    expect(await ourLabels(scene.cluster, 'a')).not.toHaveProperty(['verify.bulkhead.dev/gvisor']);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'verify a': 1 });
    expect((await statusOf(scene.cluster)).summary).toBe('Ready');
    await passMinutes(361);
    await until('it is looked at again', async () => podsMade(scene.nodes)['verify a'] === 2);
  });

  it('is installed again where it has drifted, after that was told', async () => {
    await ask();
    await untilReady(scene.cluster, '1/1');
    answerLooks(drift);
    await passMinutes(361);
    const told = await until('the drift is told', async () => (await driftsTold())[0]);
    expect(told).toContain(drift.join('; '));
    await until('it is installed again', async () => podsMade(scene.nodes)['install a'] === 2);
    await untilReady(scene.cluster, '1/1');
    await untilPodGone();
    expect(await entryOf(scene.cluster, 'a')).toMatchObject({ phase: 'Ready' });
    expect((await entryOf(scene.cluster, 'a'))?.check).not.toHaveProperty('drift');
    expect(await ourLabels(scene.cluster, 'a')).toHaveProperty(['handler.bulkhead.dev/gvisor'], 'ready');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 2, 'verify a': 1 });
  });

  it('is installed again where an earlier version is left that nothing runs from, which is no fault', async () => {
    const before = await driftsTold();
    await ask();
    await untilReady(scene.cluster, '1/1');
    scene.nodes.answer = ({ pod }) => (pod.startsWith('bulkhead-verify') ? { leftovers } : {});
    await passMinutes(361);
    await until('it is installed again', async () => podsMade(scene.nodes)['install a'] === 2);
    await untilReady(scene.cluster, '1/1');
    await untilPodGone();
    const entry = await entryOf(scene.cluster, 'a');
    expect(entry).toMatchObject({ phase: 'Ready', check: { pod: expect.stringMatching(/^bulkhead-verify/) } });
    expect(entry?.check).not.toHaveProperty('leftovers');
    expect(await driftsTold()).toEqual(before);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 2, 'verify a': 1 });
  });

  it('is left alone without repair, and says what has drifted until it has not', async () => {
    await ask({ drift: { repair: false } });
    await untilReady(scene.cluster, '1/1');
    answerLooks(drift);
    await passMinutes(361);
    expect(await untilChecked()).toMatchObject({
      phase: 'Ready',
      reason: 'Drifted',
      message: `It has changed since: ${drift.join('; ')}.`,
      check: { drift },
    });
    await until('the cluster is degraded', async () => (await statusOf(scene.cluster)).summary === 'Degraded');
    expect((await statusOf(scene.cluster)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', status: 'True', reason: 'Drifted' }),
    );
    await untilPodGone();
    answerLooks([]);
    await passMinutes(361);
    await untilReady(scene.cluster, '1/1');
    expect(await entryOf(scene.cluster, 'a')).not.toHaveProperty('reason');
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'verify a': 2 });
  });

  it('is not looked at with an interval of 0, nor while it changes', async () => {
    await ask({ drift: { checkIntervalSeconds: 0 } });
    await untilReady(scene.cluster, '1/1');
    expect(await get(scene.cluster, resources.daemonSets, 'bulkhead-verify-gvisor')).toBeUndefined();
    await passMinutes(1000);
    await ask();
    await until('a look is due', async () => podsMade(scene.nodes)['verify a'] === 1);
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'verify a': 1 });
  });
});
