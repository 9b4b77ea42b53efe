// spec.mode: Plan against a real API server: what would change is told per node, and nothing but plan pods ever appears.
import { describe, expect, it } from 'vitest';
import type { NodePlan } from '../../../crds/node-plan.ts';
import { resources } from '../../../operator/kube/resource.ts';
import { entryOf, get, ourLabels, podsMade, remove, statusOf, until, untilGone, untilReady } from './harness.ts';
import { operatorScene } from './scene.ts';

const scene = operatorScene('a', 'b');
const { ask } = scene;

const wouldInstall: NodePlan = {
  staging: { folder: '/opt/bulkhead/gvisor/1', files: 2, sizeBytes: 2e6 },
  modules: [],
  changes: [{ path: '/etc/containerd/config.toml', change: 'Change' }],
  unused: [],
  restart: { unit: 'containerd.service', because: 'it has to read the changed config', withKubelet: false },
  sandboxes: { count: 0, first: [] },
  details: '--- /etc/containerd/config.toml\n+++ /etc/containerd/config.toml\n@@ -1 +1 @@\n-imports = []\n',
};
const answerWithPlan = () => {
  scene.nodes.answer = ({ node, step }) => {
    if (step !== 'plan') return {};
    if (node === 'a') return { outcome: 'unchanged', plan: wouldInstall };
    return { outcome: 'ineligible', reason: 'NoDiskSpace', message: '7 bytes are missing.', hint: 'Free them.' };
  };
};
const untilPlanned = () =>
  until('all is planned', async () => {
    const status = await statusOf(scene.cluster);
    return status.summary === 'Planned' && status;
  });

describe('a SandboxRuntime with mode Plan', () => {
  it('says per node what would change, as a diff, and changes nothing', async () => {
    answerWithPlan();
    await ask({ mode: 'Plan' });
    const { conditions } = await untilPlanned();
    expect(conditions).toContainEqual(
      expect.objectContaining({
        type: 'Planned',
        status: 'True',
        reason: 'NodesPlanned',
        message:
          '1 node of 1 would change, 1 node with a restart of the engine. 1 node cannot take it. The SandboxNodes have the plans.',
      }),
    );
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False', reason: 'PlanOnly' }));
    const entry = await entryOf(scene.cluster, 'a');
    expect(entry).toMatchObject({
      phase: 'Planned',
      message: 'Would stage 2 files (2.0 MB), write 1 file and restart containerd.service.',
      plan: expect.stringContaining('@@ -1 +1 @@\n-imports = []') as unknown,
    });
    expect(entry).not.toHaveProperty('revision');
    expect(await entryOf(scene.cluster, 'b')).toMatchObject({ phase: 'Ineligible', reason: 'NoDiskSpace' });
    expect(podsMade(scene.nodes)).toEqual({ 'plan a': 1, 'plan b': 1 });
    expect(await get(scene.cluster, resources.runtimeClasses, 'gvisor')).toBeUndefined();
    expect(await get(scene.cluster, resources.daemonSets, 'bulkhead-install-gvisor')).toBeUndefined();
    expect(Object.keys(await ourLabels(scene.cluster, 'a'))).toEqual(['bulkhead.dev/kvm', 'plan.bulkhead.dev/gvisor']);
  });

  it('becomes an install when the mode does, and leaves no trace of the plan', async () => {
    answerWithPlan();
    await ask({ mode: 'Plan' });
    await untilPlanned();
    await ask({});
    const { conditions } = await untilReady(scene.cluster, '2/2');
    expect(conditions?.map(({ type }) => type)).not.toContain('Planned');
    expect(await entryOf(scene.cluster, 'a')).not.toHaveProperty('plan');
    expect(await ourLabels(scene.cluster, 'a')).not.toHaveProperty(['plan.bulkhead.dev/gvisor']);
    expect(await get(scene.cluster, resources.daemonSets, 'bulkhead-plan-gvisor')).toBeUndefined();
  });

  it('leaves what is installed as it is, and says what an update would do', async () => {
    await ask({});
    await untilReady(scene.cluster, '2/2');
    const before = await ourLabels(scene.cluster, 'a');
    answerWithPlan();
    const handlers = [{ name: 'gvisor' }, { name: 'second', variant: 'gvisor' }];
    await ask({ mode: 'Plan', handlers });
    await untilPlanned();
    expect(await entryOf(scene.cluster, 'a')).toMatchObject({
      phase: 'Ready',
      plan: expect.stringContaining('Would restart containerd.service') as unknown,
    });
    expect(await entryOf(scene.cluster, 'b')).toMatchObject({
      phase: 'Ready',
      plan: 'Cannot be done. 7 bytes are missing. Free them.',
    });
    expect(await ourLabels(scene.cluster, 'a')).toMatchObject(before);
    expect(await get(scene.cluster, resources.runtimeClasses, 'gvisor')).toBeDefined();
    expect(await get(scene.cluster, resources.runtimeClasses, 'second')).toBeUndefined();
    expect(podsMade(scene.nodes)).toEqual({ 'install a': 1, 'install b': 1, 'plan a': 1, 'plan b': 1 });
  });

  it('plans anew when the spec changes, and the old plan is gone at once', async () => {
    answerWithPlan();
    await ask({ mode: 'Plan' });
    await untilPlanned();
    scene.nodes.answer = ({ step }) => (step === 'plan' ? 'hold' : {});
    await ask({ mode: 'Plan', handlers: [{ name: 'other', variant: 'gvisor' }] });
    await until('the plan is gone', async () => (await entryOf(scene.cluster, 'a'))?.plan === undefined);
    await until('it is planning', async () => (await statusOf(scene.cluster)).summary === 'Planning');
    scene.nodes.answer = ({ step }) => (step === 'plan' ? { outcome: 'unchanged', plan: wouldInstall } : {});
    await untilPlanned();
    expect(podsMade(scene.nodes)).toEqual({ 'plan a': 2, 'plan b': 2 });
  });

  it('is deleted without a trace', async () => {
    answerWithPlan();
    await ask({ mode: 'Plan' });
    await untilPlanned();
    await remove(scene.cluster, resources.sandboxRuntimes, 'gvisor');
    await untilGone(scene.cluster);
    await until('the labels are gone', async () =>
      Object.keys(await ourLabels(scene.cluster, 'a')).every((label) => label === 'bulkhead.dev/kvm'),
    );
    expect(await entryOf(scene.cluster, 'a')).toBeUndefined();
    expect(podsMade(scene.nodes)).toEqual({ 'plan a': 1, 'plan b': 1 });
  });
});
