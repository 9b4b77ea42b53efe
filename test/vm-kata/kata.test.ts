// A real Kata payload, given by hand, on a node VM: staged from its archives, pods in guests of their own, an upgrade under a
// running pod, and no trace left. `make vm-e2e-kata`; without KATA_ARCHIVES there is nothing to try.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namespace } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import type { SandboxRuntimeStatus } from '../../crds/sandbox-runtime.ts';
import { progress } from '../../hack/progress.ts';
import { kataTrialOf } from '../../hack/vm/kata-trial.ts';
import { operatorOnVms } from '../../hack/vm/operator-on-vms.ts';
import { makeTar } from '../archives/make-archive.ts';
import { clusterClient, handlersOn } from '../vm/cluster-client.ts';
import { containerOf, kernelOfNode, kernelOfPod, type Place, programsBelow, startPod } from './kata-pods.ts';
import { kataVm } from './kata-vm.ts';
import { type ArchiveSource, type ServedArchives, serveArchives } from './serve-archives.ts';

const say = progress('kata');
const root = '/opt/bulkhead/kata';
/** A gigabyte is fetched, hashed and unpacked twice, by an emulated processor. */
const stagingMs = 3_600_000;

let place: Place;
let client: ReturnType<typeof clusterClient>;
let first: ServedArchives;
let next: ServedArchives;
let scratch: string;

interface Runtime {
  readonly metadata: { readonly generation: number };
  readonly status?: SandboxRuntimeStatus;
}

async function applyKata(sources: readonly ArchiveSource[]): Promise<void> {
  const { version, handlers } = trial;
  const from = Date.now();
  await client.apply({
    apiVersion: 'bulkhead.dev/v1alpha1',
    kind: 'SandboxRuntime',
    metadata: { name: 'kata' },
    spec: { family: 'kata', version, payload: { sources }, handlers },
  });
  await expect.poll(whereItStands, { timeout: stagingMs, interval: 5000 }).toEqual('Ready on 1 of 1');
  say(`applied to Ready: ${((Date.now() - from) / 1000).toFixed(0)} s; ${await stepsTaken()}`);
}

/** In one line, for who reads why it waited in vain. */
async function whereItStands(): Promise<string> {
  const { metadata, status } = await client.read<Runtime>('get', 'sandboxruntime', 'kata');
  const node = await onNode();
  if (node?.phase === 'Failed' || node?.phase === 'Ineligible' || node?.phase === 'RolledBack') {
    return `${node.phase}: ${node.message}`;
  }
  if (status?.observedGeneration !== metadata.generation || status.nodes?.outdated !== 0) return 'not seen yet';
  return status.summary === 'Ready' ? `Ready on ${status.nodes.ready} of 1` : `${status.summary}: ${node?.phase}`;
}

async function onNode() {
  const { items } = await client.read<{ items: { status?: SandboxNodeStatus }[] }>('get', 'sandboxnodes');
  return items[0]?.status?.runtimes?.find(({ name }) => name === 'kata');
}

async function stepsTaken(): Promise<string> {
  const steps = (await onNode())?.steps ?? [];
  return steps.map(({ name, durationMs }) => `${name} ${(durationMs / 1000).toFixed(0)} s`).join(', ');
}

const folders = async () => (await place.vm.run(`ls ${root} 2>/dev/null || true`)).split('\n').filter(Boolean);

/** The same payload as another one: with one more file, which says so. */
async function oneMoreArchive(): Promise<string> {
  const file = join(scratch, 'second-copy.tar');
  await writeFile(file, await makeTar([['./opt/kata/second-copy', 'the same once more\n']]));
  return file;
}

const env = process.env['KATA_ARCHIVES'];
const trial = kataTrialOf(env ? process.env : { KATA_ARCHIVES: 'none' });
const [handler = { name: '' }] = trial.handlers;

describe.skipIf(!env)('a real Kata', { timeout: stagingMs + 1_200_000 }, () => {
  let before: readonly string[];
  let firstFolder: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'bulkhead-kata-'));
    first = await serveArchives(trial.archives);
    next = await serveArchives(trial.nextArchives ?? [...trial.archives, await oneMoreArchive()]);
    const cluster = await operatorOnVms({ ...kataVm(), count: 1, say });
    place = { kubectl: cluster.kubectl, vm: cluster.vms[0]!, say };
    client = clusterClient(cluster.kubectl);
    await client.kubectl(['delete', 'pods', '--all', '--timeout=600s']);
    await client.kubectl(['delete', 'sandboxruntime', '--all', '--timeout=600s']);
    await client.kubectl(['-n', 'default', 'wait', '--for=create', 'serviceaccount/default', '--timeout=600s']);
    before = await handlersOn(place.vm);
  });

  afterAll(async () => {
    await first?.stop();
    await next?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  it('is staged from its archives, and its handlers are served', async () => {
    await applyKata(first.sources);
    expect(await handlersOn(place.vm)).toEqual([...before, ...trial.handlers.map(({ name }) => name)].toSorted());
    const names = await folders();
    expect(names).toEqual([expect.stringMatching(new RegExp(`^${trial.version}-[0-9a-f]{12}$`))]);
    firstFolder = `${root}/${names[0]}`;
    say(`on the node: ${(await place.vm.run(`du -sh ${firstFolder}`)).trim()}`);
  });

  it.each(trial.handlers)('gives a pod in $name a kernel of its own', async ({ name }) => {
    const pod = `in-${name}`;
    await startPod(place, name, pod);
    const [guest, node] = [await kernelOfPod(place, pod), await kernelOfNode(place)];
    expect(guest.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(guest.bootId).not.toBe(node.bootId);
    expect(guest.commandLine).not.toBe(node.commandLine);
    expect(guest.uptimeSeconds).toBeLessThan(node.uptimeSeconds);
    expect(guest.memoryKiB).toBeLessThan(node.memoryKiB / 2);
    expect(await programsBelow(place, firstFolder)).toContainEqual(expect.stringMatching(/shim-kata-v2$/));
    expect(await client.kubectl(['exec', pod, '--', 'sh', '-c', 'exit 7']).catch(String)).toContain('exit code 7');
    // The first one stays, to be upgraded under.
    if (name !== handler.name) await client.kubectl(['delete', 'pod', pod, '--timeout=600s']);
  });

  it('is upgraded under a pod that does not notice', async () => {
    const pod = `in-${handler.name}`;
    const [container, kernel] = [await containerOf(place, pod), await kernelOfPod(place, pod)];
    const programs = await programsBelow(place, firstFolder);
    await applyKata(next.sources);
    expect(await containerOf(place, pod)).toBe(container);
    const later = await kernelOfPod(place, pod);
    expect(later.bootId).toBe(kernel.bootId);
    expect(later.uptimeSeconds).toBeGreaterThan(kernel.uptimeSeconds);
    expect(await programsBelow(place, firstFolder)).toEqual(programs);
    const names = await folders();
    expect(names).toHaveLength(2);
    const nextFolder = `${root}/${names.find((name) => !firstFolder.endsWith(`/${name}`))}`;
    await startPod(place, handler.name, 'after-upgrade');
    expect(await programsBelow(place, nextFolder)).toContainEqual(expect.stringMatching(/shim-kata-v2$/));
    expect(await kernelOfPod(place, 'after-upgrade')).not.toMatchObject({ bootId: kernel.bootId });
  });

  it('takes the earlier version away once its last pod has ended', async () => {
    await client.kubectl(['delete', 'pod', `in-${handler.name}`, '--timeout=600s']);
    await expect.poll(() => programsBelow(place, firstFolder), { timeout: 120_000 }).toEqual([]);
    expect(await folders()).toHaveLength(2);
    // The installer looks for unused versions whenever it runs.
    await client.kubectl(['-n', namespace, 'delete', 'pod', (await onNode())?.pod ?? '', '--timeout=600s']);
    await expect
      .poll(folders, { timeout: 600_000, interval: 2000 })
      .toEqual([expect.not.stringContaining(firstFolder)]);
    expect(`${root}/${(await folders())[0]}`).not.toBe(firstFolder);
  });

  it('goes without a trace', async () => {
    await client.kubectl(['delete', 'pods', '--all', '--timeout=600s']);
    await client.remove('kata');
    expect(await handlersOn(place.vm)).toEqual(before);
    expect(await programsBelow(place, '/opt/bulkhead')).toEqual([]);
    const traces = '/opt/bulkhead /etc/containerd/bulkhead.d /etc/modules-load.d/bulkhead-kata.conf';
    expect(await place.vm.run(`ls -d ${traces} 2>/dev/null || true`)).toBe('');
    expect(await client.kubectl(['get', 'runtimeclasses', '-o', 'name'])).toBe('');
  });
});
