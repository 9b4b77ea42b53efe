// The whole life of one SandboxRuntime on two nodes, with the operator's own rights, on a real API server.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '../../../operator/kube/resource.ts';
import { facts, type FakeNodes, startFakeNodes } from './fake-nodes.ts';
import {
  applyAs,
  entryOf,
  eventsOf,
  expectNoOffence,
  get,
  gvisor,
  ourLabels,
  podsMade,
  remove,
  type RunningOperator,
  startOperator,
  until,
  untilGone,
  untilReady,
} from './harness.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';

const workers = ['worker', 'worker2'];
const controlPlane = { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] };

let cluster: TestCluster;
let nodes: FakeNodes;
let operator: RunningOperator;
beforeAll(async () => {
  cluster = await startTestCluster();
  nodes = startFakeNodes(cluster.adminConfig);
  await nodes.addNode('control-plane', controlPlane);
  for (const name of workers) await nodes.addNode(name);
  operator = startOperator(cluster);
});
afterAll(async () => {
  await operator?.stop();
  await nodes?.stop();
  await cluster?.stop();
});

describe('first light', () => {
  it('probes every Linux node before anyone asks for a runtime', async () => {
    for (const name of ['control-plane', ...workers]) {
      const object = await until(`${name} has facts`, async () => {
        const seen = await get<{ status?: { facts?: object }; metadata: object }>(
          cluster,
          resources.sandboxNodes,
          name,
        );
        return seen?.status?.facts ? seen : undefined;
      });
      expect(object).toMatchObject({ status: { facts, summary: { engine: 'containerd 2.3.7', kvm: 'yes' } } });
      // The label follows the status.
      await until(`${name} is labelled`, async () => 'bulkhead.dev/kvm' in (await ourLabels(cluster, name)));
    }
  });

  it('brings one worker after the other to Ready and leaves the control plane alone', async () => {
    await applyAs(cluster, resources.sandboxRuntimes, gvisor());
    const status = await untilReady(cluster, '2/2');
    expect(status).toMatchObject({
      version: '20260905',
      nodes: { eligible: 2, ready: 2, changing: 0, failed: 0, skipped: 0, outdated: 0 },
      handlers: [{ name: 'gvisor', runtimeClass: 'gvisor', nodesReady: 2 }],
    });
    for (const name of workers) {
      expect(await ourLabels(cluster, name)).toEqual({
        'bulkhead.dev/kvm': 'true',
        'install.bulkhead.dev/gvisor': status.revision,
        'handler.bulkhead.dev/gvisor': 'ready',
      });
      expect(await entryOf(cluster, name)).toMatchObject({
        phase: 'Ready',
        revision: status.revision,
        engineRestarts: 1,
      });
    }
    expect(await ourLabels(cluster, 'control-plane')).toEqual({ 'bulkhead.dev/kvm': 'true' });
    expect(podsMade(nodes)).toEqual({ 'install worker': 1, 'install worker2': 1 });
    expect(nodes.mostChanging).toBe(1);
    expectNoOffence(nodes);
  });

  it('makes a RuntimeClass that places pods on verified nodes only', async () => {
    expect(await get(cluster, resources.runtimeClasses, 'gvisor')).toMatchObject({
      handler: 'gvisor',
      overhead: { podFixed: { cpu: '50m', memory: '64Mi' } },
      scheduling: { nodeSelector: { 'handler.bulkhead.dev/gvisor': 'ready' } },
    });
  });

  it('tells of each node once', async () => {
    const messages = (await eventsOf(cluster)).map(({ message }) => message.replace(/[0-9a-f]{12}/, '…'));
    expect(messages.toSorted()).toEqual([
      '2 of 2 nodes verified to have the runtime.',
      'gvisor: Ready: revision …',
      'gvisor: Ready: revision …',
    ]);
  });

  it('writes and logs nothing while nothing happens', async () => {
    const before = operator.client.writes.length;
    const lines = operator.logged.length;
    await nodes.setReady('worker', true);
    await sleep(1500);
    expect(operator.client.writes.slice(before)).toEqual([]);
    expect(operator.logged.slice(lines)).toEqual([]);
  });

  it('writes nothing and makes no pod when it is started anew', async () => {
    await operator.stop();
    operator = startOperator(cluster);
    await sleep(1500);
    expect(operator.client.writes).toEqual([]);
    expect(podsMade(nodes)).toEqual({ 'install worker': 1, 'install worker2': 1 });
  });

  it('takes everything away again, one node after the other, classes and handler labels first', async () => {
    const seen: string[] = [];
    nodes.answer = ({ node, step }) => {
      if (step === 'remove') seen.push(node);
      return {};
    };
    await remove(cluster, resources.sandboxRuntimes, 'gvisor');
    await untilGone(cluster);
    expect(await get(cluster, resources.runtimeClasses, 'gvisor')).toBeUndefined();
    for (const name of workers) {
      expect(await ourLabels(cluster, name)).toEqual({ 'bulkhead.dev/kvm': 'true' });
      expect(await entryOf(cluster, name)).toBeUndefined();
    }
    const { items } = await cluster.admin.list(resources.daemonSets, {}, new AbortController().signal);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['bulkhead-probe']);
    expect(seen).toEqual(workers);
    expect(podsMade(nodes)).toMatchObject({ 'remove worker': 1, 'remove worker2': 1 });
    expect(nodes.mostChanging).toBe(1);
    expectNoOffence(nodes);
  });

  it('had every right it needed', () => {
    expect(operator.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
