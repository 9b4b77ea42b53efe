// What the operator's tests share: operators that can be stopped or killed, and waiting for what the cluster will say.
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect } from 'vitest';
import { groupVersion } from '../../../crds/names.ts';
import type { NodeRuntime, SandboxNodeStatus } from '../../../crds/sandbox-node.ts';
import type { SandboxRuntimeStatus } from '../../../crds/sandbox-runtime.ts';
import { connect, type KubeObject } from '../../../operator/kube/client.ts';
import { isKubeError } from '../../../operator/kube/kube-error.ts';
import { type Resource, resources } from '../../../operator/kube/resource.ts';
import { runOperator } from '../../../operator/operator.ts';
import { catalogue } from '../../../runtime/catalogue.ts';
import type { FakeNodes } from './fake-nodes.ts';
import { mortal, type MortalClient } from './mortal-client.ts';
import { configAt, settings, type TestCluster } from './test-cluster.ts';

export const never = new AbortController().signal;

export type RunningOperator = {
  readonly client: MortalClient;
  /** Lines logged, as objects. */
  readonly logged: { level: string; msg: string; kind?: string; err?: { message: string } }[];
  /** As SIGTERM does. */
  stop(): Promise<void>;
  /** As SIGKILL does: nothing more reaches the API server, the Lease stays held. */
  kill(): Promise<void>;
  readonly ended: Promise<void>;
};

export type OperatorSetup = {
  readonly identity?: string;
  readonly kubeconfig?: string;
  readonly leaseSeconds?: number;
  readonly nowMs?: () => number;
  readonly installerImage?: string;
  readonly onWritten?: (writes: number) => void;
};

export function startOperator(cluster: TestCluster, setup: OperatorSetup = {}): RunningOperator {
  const { identity = 'operator-0', leaseSeconds = 15, nowMs = Date.now } = setup;
  const client = mortal(connect(configAt(setup.kubeconfig ?? cluster.operatorKubeconfig())), setup.onWritten);
  const logged: RunningOperator['logged'] = [];
  const sink = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const log = pino({ level: 'info', formatters: { level: (level) => ({ level }) } }, sink);
  const own = { ...settings, ...(setup.installerImage && { installerImage: setup.installerImage }) };
  const abort = new AbortController();
  const options = { client, settings: own, catalogue, identity, leaseSeconds, log, nowMs };
  const ended = runOperator(options, abort.signal);
  return {
    client,
    logged,
    ended,
    stop: () => {
      abort.abort();
      return ended;
    },
    kill: async () => {
      client.kill();
      abort.abort();
      await ended;
    },
  };
}

export type Runtime = KubeObject & { readonly spec: object; readonly status?: SandboxRuntimeStatus };

export const gvisor = (spec: object = {}, name = 'gvisor') => ({
  apiVersion: groupVersion,
  kind: 'SandboxRuntime',
  metadata: { name },
  spec: { family: 'gvisor', ...spec },
});

export const applyAs = (cluster: TestCluster, resource: Resource, object: object, fieldManager = 'admin') =>
  cluster.admin.apply(resource, object, { fieldManager }, never);

export async function get<T = KubeObject>(
  cluster: TestCluster,
  resource: Resource,
  name: string,
): Promise<T | undefined> {
  try {
    return (await cluster.admin.get(resource, name, never)) as T;
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

export async function statusOf(cluster: TestCluster, name = 'gvisor'): Promise<SandboxRuntimeStatus> {
  return (await get<Runtime>(cluster, resources.sandboxRuntimes, name))?.status ?? {};
}

export async function entryOf(
  cluster: TestCluster,
  node: string,
  runtime = 'gvisor',
): Promise<NodeRuntime | undefined> {
  const object = await get<{ status?: SandboxNodeStatus }>(cluster, resources.sandboxNodes, node);
  return object?.status?.runtimes?.find(({ name }) => name === runtime);
}

/** The operator's own Events; the API server writes some as well. */
export async function eventsOf(cluster: TestCluster): Promise<readonly { reason: string; message: string }[]> {
  const { items } = await cluster.admin.list({ ...resources.events, namespace: 'default' }, {}, never);
  const all = items as unknown as { reason: string; message: string; reportingComponent: string }[];
  return all.filter(({ reportingComponent }) => reportingComponent === 'bulkhead-operator');
}

export async function ourLabels(cluster: TestCluster, node: string): Promise<Record<string, string>> {
  const object = await get<{ metadata: { labels: Record<string, string> } }>(cluster, resources.nodes, node);
  const labels = Object.entries(object?.metadata.labels ?? {});
  return Object.fromEntries(labels.filter(([key]) => key.includes('bulkhead.dev')));
}

export async function remove(cluster: TestCluster, resource: Resource, name: string): Promise<void> {
  const object = await get(cluster, resource, name);
  if (object) await cluster.admin.delete(resource, name, object.metadata.uid ?? '', never);
}

/** Waits until the runtime's READY column says so, and nothing else is to be done. */
export async function untilReady(cluster: TestCluster, ready: string, name = 'gvisor'): Promise<SandboxRuntimeStatus> {
  return until(`${name} is ready ${ready}`, async () => {
    const status = await statusOf(cluster, name);
    return status.ready === ready && status.summary === 'Ready' ? status : undefined;
  });
}

export async function untilGone(cluster: TestCluster, name = 'gvisor'): Promise<void> {
  await until(`${name} is gone`, async () => (await get(cluster, resources.sandboxRuntimes, name)) === undefined);
}

/** Waits for something that is true in time; fails with what it is. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look().catch((error: unknown) => {
      if (isKubeError(error, 'Unavailable', 'NotFound', 'TooManyRequests')) return undefined;
      throw error;
    });
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`Cannot see in ${timeoutMs} ms that ${what}.`);
    await sleep(50);
  }
}

/** Pods made per node and job, without the probe. */
export function podsMade({ diary }: FakeNodes): Record<string, number> {
  const made = diary.flatMap((entry) =>
    entry.kind === 'pod' && entry.job !== 'probe' ? [`${entry.job} ${entry.node}`] : [],
  );
  return Object.fromEntries(Array.from(Map.groupBy(made, String), ([key, all]) => [key, all.length]));
}

export function expectNoOffence(nodes: FakeNodes): void {
  expect(nodes.offences).toEqual([]);
}

/** For after a test: nothing that a person would have to look at, and nothing that a node must never see. */
export function mustHaveBehaved({ logged }: RunningOperator, { offences }: FakeNodes): void {
  const wrong = [...logged.filter(({ level }) => level === 'error').map((line) => JSON.stringify(line)), ...offences];
  if (wrong.length > 0) throw new Error(`The operator did what it must not:\n${wrong.join('\n')}`);
}
