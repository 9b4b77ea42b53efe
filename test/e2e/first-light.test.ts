// The whole path on a real cluster: one SandboxRuntime, two workers, a pod in gVisor, and everything taken away again.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { namespace, removeDaemonSet, installDaemonSet } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import { clusterUp } from '../../hack/cluster/cluster-up.ts';
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { deployOperator } from '../../hack/deploy/deploy-operator.ts';
import { kernelLogPod } from '../../hack/deploy/first-light.ts';
import { progress } from '../../hack/progress.ts';
import { contentOf, engineStart, filesOf, onNode } from './node-state.ts';

const cluster = inject('cluster');
const workers = [`${cluster}-worker`, `${cluster}-worker2`];
const say = progress('e2e');

let kubectl: Kubectl;
let image: string;
let before: readonly string[];

const gvisor = (spec: object = {}) => ({
  apiVersion: 'bulkhead.dev/v1alpha1',
  kind: 'SandboxRuntime',
  metadata: { name: 'gvisor' },
  spec: { family: 'gvisor', ...spec },
});

const apply = (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object));
const onEachWorker = <T>(look: (node: string) => Promise<T>) => Promise.all(workers.map(look));
const labelsOf = (node: string) => kubectl(['get', 'node', node, '-o', 'jsonpath={.metadata.labels}']);
const waitReady = () => kubectl(['wait', 'sandboxruntime/gvisor', '--for=condition=Ready', '--timeout=90s']);

async function statusOf(node: string): Promise<SandboxNodeStatus> {
  return JSON.parse(await kubectl(['get', 'sandboxnode', node, '-o', 'jsonpath={.status}'])) as SandboxNodeStatus;
}

async function kernelLog(pod: string): Promise<string> {
  await apply(kernelLogPod(pod, image));
  await kubectl(['wait', `pod/${pod}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s']);
  const log = await kubectl(['logs', pod]);
  await kubectl(['delete', 'pod', pod]);
  return log;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

async function installPods(): Promise<{ names: readonly string[]; ready: number }> {
  const selector = 'bulkhead.dev/runtime=gvisor,bulkhead.dev/job=install';
  const { items } = JSON.parse(
    await kubectl(['-n', namespace, 'get', 'pods', '-l', selector, '-o', 'json']),
  ) as PodList;
  const isReady = (pod: PodList['items'][number]) =>
    pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return { names: items.map((pod) => pod.metadata.name).toSorted(), ready: items.filter(isReady).length };
}

beforeAll(async () => {
  const running = await clusterUp({ name: cluster, workers: 2, nodeImage: 'auto', say });
  kubectl = running.kubectl;
  before = await onEachWorker(contentOf);
  image = (await deployOperator(running, say)).installer;
});

afterAll(() => kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']));

describe('a SandboxRuntime for gVisor', () => {
  it('becomes Ready on both workers and leaves the control plane alone', async () => {
    const from = Date.now();
    await apply(gvisor());
    await waitReady();
    say(`applied to Ready on two nodes: ${((Date.now() - from) / 1000).toFixed(1)} s`);
    expect(await kubectl(['get', 'sandboxruntimes'])).toMatch(/gvisor +gvisor +\S+ +2\/2 +Ready/);
    expect(await labelsOf(`${cluster}-control-plane`)).not.toContain('handler.bulkhead.dev');
    expect(await onNode(`${cluster}-control-plane`, 'ls', '/opt')).not.toContain('bulkhead');
  });

  it('says of each node what it is and where it stands', async () => {
    for (const status of await onEachWorker(statusOf)) {
      expect(status.facts).toMatchObject({ distribution: 'kind', engine: { kind: 'containerd' } });
      expect(status.runtimes).toMatchObject([{ name: 'gvisor', phase: 'Ready', engineRestarts: 1 }]);
    }
  });

  it('runs a pod inside gVisor', async () => {
    expect(await kernelLog('in-gvisor')).toContain('Starting gVisor');
  });

  it('leaves nothing but an unprivileged pause container on the nodes', async () => {
    const pods = await kubectl(['-n', namespace, 'get', 'pods', '-l', 'bulkhead.dev/job', '-o', 'json']);
    const { items } = JSON.parse(pods) as { items: { spec: { containers: object[] } }[] };
    expect(items.length).toBeGreaterThan(0);
    for (const { spec } of items) {
      expect(spec.containers).toMatchObject([
        { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
      ]);
      expect(JSON.stringify(spec.containers)).not.toMatch(/volumeMounts|privileged":true/);
    }
  });

  it('restarts and writes nothing when the installer runs again', async () => {
    const [files, engines] = [await onEachWorker(filesOf), await onEachWorker(engineStart)];
    const old = await installPods();
    await kubectl(['-n', namespace, 'delete', 'pod', ...old.names]);
    await expect.poll(installPods, { timeout: 60_000, interval: 500 }).toMatchObject({ ready: 2 });
    expect((await installPods()).names).not.toEqual(old.names);
    await waitReady();
    expect(await onEachWorker(engineStart)).toEqual(engines);
    expect(await onEachWorker(filesOf)).toEqual(files);
  });

  it('leaves the nodes as they were when it is deleted', async () => {
    await kubectl(['delete', 'sandboxruntime', 'gvisor', '--timeout=120s']);
    expect(await onEachWorker(contentOf)).toEqual(before);
    for (const labels of await onEachWorker(labelsOf)) expect(labels).not.toMatch(/(handler|install|remove)\.bulkhead/);
    expect(await kubectl(['get', 'runtimeclasses', '-o', 'name'])).toBe('');
    const daemonSets = await kubectl(['-n', namespace, 'get', 'daemonsets', '-o', 'name']);
    expect(daemonSets).not.toContain(removeDaemonSet('gvisor'));
    expect(daemonSets).not.toContain(installDaemonSet('gvisor'));
    for (const node of workers) expect(await onNode(node, 'crictl', 'info')).not.toContain('gvisor');
  });

  it('can be applied again after that', async () => {
    await apply(gvisor());
    await waitReady();
    expect(await kernelLog('again-in-gvisor')).toContain('Starting gVisor');
  });
});
