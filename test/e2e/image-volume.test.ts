// A payload image without the installer, built from an archive, mounted into the installer's own pod on a real cluster.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { namespace } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import { clusterUp, loadImages } from '../../hack/cluster/cluster-up.ts';
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { deployOperator } from '../../hack/deploy/deploy-operator.ts';
import { kernelLogPod } from '../../hack/deploy/first-light.ts';
import type { BuiltImages } from '../../hack/images/build.ts';
import { buildPayloadImage } from '../../hack/payload-image/build-payload-image.ts';
import { payloadCommand } from '../../hack/payload-image/payload-command.ts';
import { progress } from '../../hack/progress.ts';
import { run } from '../../hack/run.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { gvisor } from '../../runtime/gvisor.ts';
import { contentOf } from './node-state.ts';

const cluster = inject('cluster');
const workers = [`${cluster}-worker`, `${cluster}-worker2`];
const say = progress('e2e');

let kubectl: Kubectl;
let images: BuiltImages;
let mounted: string;
let folder: string;

beforeAll(async () => {
  const running = await clusterUp({ name: cluster, workers: 2, nodeImage: 'auto', say });
  kubectl = running.kubectl;
  images = await deployOperator(running, say);
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-volume-'));
  mounted = await imageOfGvisor();
  await loadImages(running, [join(folder, 'volume-gvisor.tar')], say);
});
afterAll(async () => {
  await kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']);
  await rm(folder, { recursive: true, force: true });
});

/** From an archive of what the project builds, as an admin would from upstream's. */
async function imageOfGvisor(): Promise<string> {
  const archive = join(folder, 'gvisor.tar');
  await run(['tar', '--create', '--file', archive, '--directory', await ensure('gvisor', say), '.']);
  const [sha256 = ''] = (await run(['sha256sum', archive])).split(' ');
  const version = gvisor.versions[0]!.version;
  const args = ['--family', 'gvisor', '--version', version, '--source', `${archive}@sha256:${sha256}`, '--data-only'];
  const out = join(folder, 'volume-gvisor.tar');
  const command = payloadCommand([...args, '--name', 'localhost/bulkhead/volume-gvisor:1', '--out', out], 'amd64');
  return (await buildPayloadImage(command, { say, ingredients: () => Promise.reject(new Error('data only')) })).name;
}

const apply = (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object));
const wanted = (imageVolume: string) => ({
  apiVersion: 'bulkhead.dev/v1alpha1',
  kind: 'SandboxRuntime',
  metadata: { name: 'gvisor' },
  spec: { family: 'gvisor', payload: { sources: [{ imageVolume }] } },
});

async function statusOf(node: string): Promise<SandboxNodeStatus> {
  return JSON.parse(await kubectl(['get', 'sandboxnode', node, '-o', 'jsonpath={.status}'])) as SandboxNodeStatus;
}

describe('a payload image that is mounted', () => {
  it('is refused by the stage step when it has no payload, and the node stays as it is', async () => {
    const before = await Promise.all(workers.map(contentOf));
    await apply(wanted(images.operator));
    const first = async () => (await statusOf(workers[0]!)).runtimes?.[0] ?? {};
    await expect.poll(first, { timeout: 120_000, interval: 1000 }).toMatchObject({ reason: 'PayloadMissing' });
    await kubectl(['delete', 'sandboxruntime', 'gvisor', '--timeout=120s']);
    expect(await Promise.all(workers.map(contentOf))).toEqual(before);
  });

  it('is staged by the operator’s own installer, and a pod runs in gVisor', async () => {
    await apply(wanted(mounted));
    await kubectl(['wait', 'sandboxruntime/gvisor', '--for=condition=Ready', '--timeout=180s']);
    const pods = ['-n', namespace, 'get', 'pods', '-l', 'bulkhead.dev/job=install', '-o'];
    const ran = await kubectl([...pods, 'jsonpath={.items[*].spec.initContainers[?(@.name=="stage")].image}']);
    expect(new Set(ran.trim().split(' '))).toEqual(new Set([images.installer]));
    await apply(kernelLogPod('in-gvisor', images.installer));
    await kubectl(['wait', 'pod/in-gvisor', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s']);
    expect(await kubectl(['logs', 'in-gvisor'])).toContain('Starting gVisor');
    await kubectl(['delete', 'pod', 'in-gvisor']);
  });
});
