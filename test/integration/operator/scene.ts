// One API server for the tests of a file; before each of them nodes and an operator, and after it nothing of all that is left.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { resources } from '../../../operator/kube/resource.ts';
import { type FakeNodes, startFakeNodes } from './fake-nodes.ts';
import { applyAs, gvisor, mustHaveBehaved, never, remove, startOperator, until, untilGone } from './harness.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';

/** What is there while a test runs. */
export interface Scene {
  readonly cluster: TestCluster;
  readonly nodes: FakeNodes;
  /** Asks for a SandboxRuntime with this spec. */
  ask(spec?: object, name?: string): Promise<unknown>;
  /** Sets our labels or an admin's on a node. */
  label(node: string, labels: Record<string, string>): Promise<unknown>;
  /** Lets time pass, and something happen to the first node so that the operator looks. */
  passMinutes(minutes: number): Promise<void>;
}

export function operatorScene(...nodeNames: readonly [string, ...string[]]): Scene {
  let cluster: TestCluster;
  let nodes: FakeNodes;
  let aheadMs: number;
  let leave: () => Promise<void>;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    aheadMs = 0;
    nodes = startFakeNodes(cluster.adminConfig);
    for (const name of nodeNames) await nodes.addNode(name);
    const operator = startOperator(cluster, { nowMs: () => Date.now() + aheadMs });
    leave = async () => {
      nodes.answer = () => ({});
      await removeRuntimes(cluster);
      await operator.stop();
      await removeNodes(cluster, nodes);
      await nodes.stop();
      mustHaveBehaved(operator, nodes);
    };
  });
  afterEach(() => leave());

  const label = (node: string, labels: Record<string, string>) =>
    applyAs(cluster, resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels } });
  return {
    get cluster() {
      return cluster;
    },
    get nodes() {
      return nodes;
    },
    ask: (spec = {}, name = 'gvisor') => applyAs(cluster, resources.sandboxRuntimes, gvisor(spec, name)),
    label,
    passMinutes: async (minutes) => {
      aheadMs += minutes * 60_000;
      await label(nodeNames[0], { poke: String(aheadMs) });
    },
  };
}

async function removeRuntimes(cluster: TestCluster): Promise<void> {
  const { items } = await cluster.admin.list(resources.sandboxRuntimes, {}, never);
  for (const { metadata } of items) await remove(cluster, resources.sandboxRuntimes, metadata.name);
  for (const { metadata } of items) await untilGone(cluster, metadata.name);
}

async function removeNodes(cluster: TestCluster, nodes: FakeNodes): Promise<void> {
  const { items } = await cluster.admin.list(resources.nodes, {}, never);
  for (const { metadata } of items) await nodes.removeNode(metadata.name);
  await until('pods are gone', async () => (await cluster.admin.list(resources.pods, {}, never)).items.length === 0);
}
