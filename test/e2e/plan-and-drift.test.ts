// What an install would do, told without doing it, and what others have changed, told and put right, on a real cluster.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { hostPaths } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import { clusterUp } from '../../hack/cluster/cluster-up.ts';
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { deployOperator } from '../../hack/deploy/deploy-operator.ts';
import { progress } from '../../hack/progress.ts';
import { contentOf, engineStart, onNode } from './node-state.ts';

const cluster = inject('cluster');
const worker = `${cluster}-worker`;
const say = progress('e2e');
const dropIn = `${hostPaths.containerdDropIns}/gvisor.toml`;

let kubectl: Kubectl;
let before: string;

const apply = (spec: object) =>
  kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'bulkhead.dev/v1alpha1',
      kind: 'SandboxRuntime',
      metadata: { name: 'gvisor' },
      spec: { family: 'gvisor', nodes: { selector: { 'kubernetes.io/hostname': worker } }, ...spec },
    }),
  );
const waitFor = (condition: string) =>
  kubectl(['wait', 'sandboxruntime/gvisor', `--for=condition=${condition}`, '--timeout=120s']);

async function entry(): Promise<NonNullable<SandboxNodeStatus['runtimes']>[number] | undefined> {
  const status = await kubectl(['get', 'sandboxnode', worker, '-o', 'jsonpath={.status}']);
  return (JSON.parse(status) as SandboxNodeStatus).runtimes?.find(({ name }) => name === 'gvisor');
}

const events = () => kubectl(['get', 'events', '-A', '-o', 'jsonpath={range .items[*]}{.message}{"\\n"}{end}']);

beforeAll(async () => {
  const running = await clusterUp({ name: cluster, workers: 2, nodeImage: 'auto', say });
  kubectl = running.kubectl;
  await kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']).catch(() => {});
  await deployOperator(running, say);
  before = await contentOf(worker);
});

afterAll(() => kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']));

describe('a SandboxRuntime', () => {
  it('with mode Plan says what would change on a node, and changes nothing', async () => {
    const engine = await engineStart(worker);
    await apply({ mode: 'Plan' });
    await waitFor('Planned');
    const planned = await entry();
    expect(planned?.phase).toBe('Planned');
    expect(planned?.plan).toContain('containerd.service');
    expect(planned?.plan).toContain(`+++ ${dropIn}`);
    expect(planned?.plan).toMatch(/^\+runtime_type = "io\.containerd\.runsc\.v1"$/m);
    expect(await contentOf(worker)).toBe(before);
    expect(await engineStart(worker)).toBe(engine);
  });

  it('that is applied then does so', async () => {
    await apply({ mode: 'Apply' });
    await waitFor('Ready');
    expect(await onNode(worker, 'cat', dropIn)).toContain('runtime_type = "io.containerd.runsc.v1"');
  });

  it('tells what somebody has changed on a node, and puts it right', async () => {
    const installed = await contentOf(worker);
    await onNode(worker, 'sh', '-c', `echo '# by hand' >> ${dropIn}`);
    await apply({ mode: 'Apply', drift: { checkIntervalSeconds: 5 } });
    await expect.poll(events, { timeout: 120_000, interval: 1000 }).toContain(dropIn);
    await expect.poll(() => contentOf(worker), { timeout: 120_000, interval: 1000 }).toBe(installed);
  });

  it('takes away an earlier version that nothing runs from any more', async () => {
    const installed = await contentOf(worker);
    const folder = `${hostPaths.prefix}/gvisor`;
    await onNode(worker, 'sh', '-c', `cp -r ${folder}/* ${folder}/20250101-0123456789ab`);
    expect(await contentOf(worker)).not.toBe(installed);
    await expect.poll(() => contentOf(worker), { timeout: 120_000, interval: 1000 }).toBe(installed);
  });

  it('leaves the node as it was', async () => {
    await kubectl(['delete', 'sandboxruntime', 'gvisor', '--timeout=120s']);
    expect(await contentOf(worker)).toBe(before);
  });
});
