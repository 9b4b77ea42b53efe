// The operator killed after every single write, a new one started each time: it converges, and no node is changed twice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources } from '../../../operator/kube/resource.ts';
import { type FakeNodes, startFakeNodes } from './fake-nodes.ts';
import {
  applyAs,
  expectNoOffence,
  get,
  gvisor,
  ourLabels,
  podsMade,
  remove,
  type RunningOperator,
  startOperator,
  statusOf,
  until,
} from './harness.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
let nodes: FakeNodes;
beforeAll(async () => {
  cluster = await startTestCluster();
  nodes = startFakeNodes(cluster.adminConfig);
  for (const name of ['a', 'b']) await nodes.addNode(name);
});
afterAll(async () => {
  await nodes?.stop();
  await cluster?.stop();
});

/** Starts operators, each killed after its first write, until what is looked for is true; then one that may live. */
async function dyingUntil(what: string, installerImage: string, look: () => Promise<boolean>): Promise<number> {
  let deaths = 0;
  const over = new AbortController();
  const dying = (async () => {
    while (!over.signal.aborted) {
      const written = Promise.withResolvers<void>();
      let operator: RunningOperator | undefined;
      operator = startOperator(cluster, {
        installerImage,
        onWritten: () => {
          operator?.client.kill();
          written.resolve();
        },
      });
      const ended = new Promise<void>((resolve) =>
        over.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      await Promise.race([written.promise, ended]);
      await operator.kill();
      if (operator.client.writes.length > 0) deaths++;
      expect(operator.client.writes.length).toBeLessThanOrEqual(4);
    }
  })();
  try {
    await until(what, look, 120_000);
  } finally {
    over.abort();
    await dying;
  }
  return deaths;
}

/** With another revision than the one given. */
const installed = async (before?: string) => {
  const { summary, ready, revision } = await statusOf(cluster);
  return summary === 'Ready' && ready === '2/2' && revision !== before;
};

describe('an operator that dies after each of its writes', () => {
  it('installs: one pod per node, one node at a time', async () => {
    await applyAs(cluster, resources.sandboxRuntimes, gvisor());
    const deaths = await dyingUntil('the runtime is ready', 'installer:1', () => installed());
    expect(deaths).toBeGreaterThan(15);
    expect(podsMade(nodes)).toEqual({ 'install a': 1, 'install b': 1 });
    expect(nodes.mostChanging).toBe(1);
    expectNoOffence(nodes);
  }, 150_000);

  it('updates: one more pod per node, one node at a time', async () => {
    const { revision } = await statusOf(cluster);
    const deaths = await dyingUntil('the update is over', 'installer:2', () => installed(revision));
    expect(deaths).toBeGreaterThan(10);
    expect(podsMade(nodes)).toEqual({ 'install a': 2, 'install b': 2 });
    expect(nodes.mostChanging).toBe(1);
    expectNoOffence(nodes);
  }, 150_000);

  it('removes: one pod per node, nothing left behind', async () => {
    await remove(cluster, resources.sandboxRuntimes, 'gvisor');
    const gone = async () => (await get(cluster, resources.sandboxRuntimes, 'gvisor')) === undefined;
    const deaths = await dyingUntil('the runtime is gone', 'installer:2', gone);
    expect(deaths).toBeGreaterThan(10);
    expect(podsMade(nodes)).toEqual({ 'install a': 2, 'install b': 2, 'remove a': 1, 'remove b': 1 });
    expect(await ourLabels(cluster, 'a')).toEqual({ 'bulkhead.dev/kvm': 'true' });
    expect(await get(cluster, resources.runtimeClasses, 'gvisor')).toBeUndefined();
    expect(nodes.mostChanging).toBe(1);
    expectNoOffence(nodes);
  }, 150_000);
});
