// What happens around the operator: connections cut, the API server away, history lost, another operator, signals.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leaseName } from '../../../crds/names.ts';
import { resources } from '../../../operator/kube/resource.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { type FakeNodes, startFakeNodes } from './fake-nodes.ts';
import {
  applyAs,
  entryOf,
  expectNoOffence,
  get,
  gvisor,
  type OperatorSetup,
  podsMade,
  remove,
  type RunningOperator,
  startOperator,
  until,
  untilGone,
  untilReady,
} from './harness.ts';
import { settings, startTestCluster, type TestCluster } from './test-cluster.ts';

const once2 = { 'install a': 1, 'install b': 1 };

let cluster: TestCluster;
let nodes: FakeNodes;
let proxy: CuttingProxy;
let operators: RunningOperator[];
beforeAll(async () => {
  cluster = await startTestCluster();
  proxy = await startCuttingProxy(Number(new URL(cluster.plane.url).port));
});
afterAll(async () => {
  await proxy?.close();
  await cluster?.stop();
});
beforeEach(async () => {
  operators = [];
  nodes = startFakeNodes(cluster.adminConfig);
  for (const name of ['a', 'b']) await nodes.addNode(name);
});
afterEach(async () => {
  proxy.refuse(false);
  nodes.answer = () => ({});
  const cleaner = start({ identity: 'cleaner', leaseSeconds: 3 });
  await Promise.all(operators.filter((each) => each !== cleaner).map((each) => each.stop()));
  await remove(cluster, resources.sandboxRuntimes, 'gvisor');
  await untilGone(cluster);
  await cleaner.stop();
  await Promise.all(['a', 'b'].map((name) => nodes.removeNode(name)));
  await nodes.stop();
});

function start(setup: OperatorSetup = {}): RunningOperator {
  const operator = startOperator(cluster, setup);
  operators.push(operator);
  return operator;
}
const throughProxy = () => ({ kubeconfig: cluster.operatorKubeconfig(proxy.port) });
const phaseOf = async (node: string) => (await entryOf(cluster, node))?.phase;
const untilPhase = (node: string, phase: string) =>
  until(`${node} is ${phase}`, async () => (await phaseOf(node)) === phase);
const askForGvisor = () => applyAs(cluster, resources.sandboxRuntimes, gvisor());

describe('an operator whose connections are cut', () => {
  it('goes on where it was, however often they are', async () => {
    const operator = start(throughProxy());
    await askForGvisor();
    for (let i = 0; i < 12; i++) {
      await sleep(150);
      proxy.cut();
    }
    await untilReady(cluster, '2/2');
    expect(podsMade(nodes)).toEqual(once2);
    expect(nodes.mostChanging).toBe(1);
    expect(operator.logged.filter(({ level }) => level === 'error')).toEqual([]);
    expectNoOffence(nodes);
  });

  it('sees what it missed when the history it needs is gone', async () => {
    // However long the API server takes to come back: a new leader would list anew and need no history.
    const operator = start({ ...throughProxy(), leaseSeconds: 300 });
    nodes.answer = ({ step }) => (step === 'activate' ? 'hold' : {});
    await askForGvisor();
    await untilPhase('a', 'Activating');
    proxy.refuse(true);
    nodes.answer = () => ({});
    // A new API server remembers no history: the watches' resourceVersions are older than all it has.
    for (let i = 0; i < 3; i++) await nodes.setReady('b', i % 2 === 1);
    await nodes.setReady('b', true);
    await cluster.plane.restartApiServer();
    proxy.refuse(false);
    await untilReady(cluster, '2/2');
    expect(operator.logged.some(({ err }) => err?.message.includes('too old resource version'))).toBe(true);
    expect(podsMade(nodes)).toEqual(once2);
    expectNoOffence(nodes);
  });
});

describe('an operator whose API server restarts', () => {
  it('waits and carries on', async () => {
    const operator = start();
    nodes.answer = ({ step }) => (step === 'stage' ? 'hold' : {});
    await askForGvisor();
    await untilPhase('a', 'Staging');
    await cluster.plane.restartApiServer();
    nodes.answer = () => ({});
    await untilReady(cluster, '2/2');
    expect(operator.logged.filter(({ level }) => level === 'error')).toEqual([]);
    expect(podsMade(nodes)).toEqual(once2);
    expectNoOffence(nodes);
  });
});

describe('two operators', () => {
  it('only one acts, and the other takes over when it is killed', async () => {
    const first = start({ identity: 'first', leaseSeconds: 3 });
    await until('the first leads', async () => first.client.writes.length > 0);
    const second = start({ identity: 'second', leaseSeconds: 3 });
    nodes.answer = ({ node, step }) => (node === 'b' && step === 'stage' ? 'hold' : {});
    await askForGvisor();
    await untilPhase('b', 'Staging');
    expect(second.client.writes).toEqual([]);
    await first.kill();
    nodes.answer = () => ({});
    await untilReady(cluster, '2/2');
    expect(second.client.writes.length).toBeGreaterThan(0);
    expect(podsMade(nodes)).toEqual(once2);
    expect(await get(cluster, resources.leases, leaseName)).toMatchObject({
      spec: { holderIdentity: 'second', leaseTransitions: expect.any(Number) },
    });
  });

  it('hand over at once when the first is stopped', async () => {
    const first = start({ identity: 'first', leaseSeconds: 60 });
    await until('the first leads', async () => first.client.writes.length > 0);
    const second = start({ identity: 'second', leaseSeconds: 3 });
    await first.stop();
    await askForGvisor();
    await untilReady(cluster, '2/2');
    expect(second.client.writes.length).toBeGreaterThan(0);
  });

  it('the first stops writing when it cannot renew, before the second may start', async () => {
    const cutOff = start({ ...throughProxy(), identity: 'first', leaseSeconds: 3 });
    await until('the first leads', async () => cutOff.client.writes.length > 0);
    proxy.refuse(true);
    const at = Date.now();
    await until('the first stands by', async () => cutOff.logged.some(({ msg }) => msg === 'standing by'));
    expect(Date.now() - at).toBeLessThan(3000);
    start({ identity: 'second', leaseSeconds: 3 });
    await askForGvisor();
    await untilReady(cluster, '2/2');
    expect(podsMade(nodes)).toEqual(once2);
  });
});

describe("the operator's process", () => {
  const main = join(import.meta.dirname, '../../../operator/main.ts');
  const launch = () => {
    const env = {
      PATH: process.env['PATH'],
      KUBECONFIG: cluster.operatorKubeconfig(),
      POD_NAME: 'operator-0',
      BULKHEAD_INSTALLER_IMAGE: settings.installerImage,
      BULKHEAD_PAYLOAD_REPOSITORY: settings.payloadRepository,
      BULKHEAD_PAUSE_IMAGE: settings.pauseImage,
      BULKHEAD_HEALTH_PORT: '0',
    };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return { child, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
  };

  it('carries on after SIGKILL, and gives the lease up and exits 0 on SIGTERM', async () => {
    const killed = launch();
    nodes.answer = ({ step }) => (step === 'activate' ? 'hold' : {});
    await askForGvisor();
    await untilPhase('a', 'Activating');
    killed.child.kill('SIGKILL');
    await killed.exited;
    nodes.answer = () => ({});
    const next = launch();
    await untilReady(cluster, '2/2');
    next.child.kill('SIGTERM');
    expect(await next.exited).toEqual([0, null]);
    expect(await get(cluster, resources.leases, leaseName)).toMatchObject({ spec: { holderIdentity: '' } });
    expect(podsMade(nodes)).toEqual(once2);
    expectNoOffence(nodes);
  });
});
