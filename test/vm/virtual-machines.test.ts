// Pods that are virtual machines, on a node with KVM of its own: from the probe's label to a guest kernel, beside gVisor,
// and with the node's power cut in the middle of a change.

import { beforeAll, describe, expect, inject, it } from 'vitest';

import { kvmLabel } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { busyboxImage } from '../../hack/node-image/system-images.ts';
import { progress } from '../../hack/progress.ts';
import { openVmCluster } from '../../hack/vm/cluster-up.ts';
import type { NodeVm } from '../../hack/vm/node-vm.ts';
import { clusterClient, handlersOn, patience, type Pod, waitEnded } from './cluster-client.ts';

const name = inject('vmCluster');
const say = progress('vm');
let kubectl: Kubectl;
let vm: NodeVm;
let client: ReturnType<typeof clusterClient>;

const runtime = (family: string) => ({
  apiVersion: 'bulkhead.dev/v1alpha1',
  kind: 'SandboxRuntime',
  metadata: { name: family },
  spec: { family },
});

const podOf = (family: string, pod: string, script: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: pod },
  spec: {
    runtimeClassName: family,
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      { name: 'it', image: busyboxImage, command: ['sh', '-c', script], resources: { limits: { memory: '128Mi' } } },
    ],
  },
});

/**
 * Under emulation a virtual machine now and then ends with 0 while it boots: after three it is no accident. What a pod
 * prints, it prints in its sandbox, so its script has to begin with the kernel's version.
 * @param stays a script that has no end
 */
async function start(family: string, pod: string, script: string, { stays = false } = {}): Promise<void> {
  for (let left = 3; left > 0; left -= 1) {
    await client.apply(podOf(family, pod, script));
    if ((await begins(pod)) && !(stays && (await hasEnded(pod)))) return;
    say(`${pod} ended before its time, after ${JSON.stringify(await logsOf(pod))}`);
    await kubectl(['delete', 'pod', pod, patience]);
  }
  throw new Error(`Cannot start ${pod}: it ended three times before its time.`);
}

/** Waits for the kernel's version; false when it has ended without. */
async function begins(pod: string): Promise<boolean> {
  const look = async () => {
    const ended = await hasEnded(pod);
    if (/^\d+\.\d+/.test(await logsOf(pod))) return 'begun';
    return ended ? 'ended' : 'silent';
  };
  await expect.poll(look, { timeout: 600_000, interval: 2000 }).not.toBe('silent');
  return (await look()) === 'begun';
}

async function hasEnded(pod: string): Promise<boolean> {
  const { phase } = (await client.read<Pod>('get', 'pod', pod)).status;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** What a pod printed, and how it ended. */
async function runPod(family: string, script: string): Promise<{ output: string; exitCode: number | undefined }> {
  const pod = `run-in-${family}`;
  await start(family, pod, script);
  await waitEnded(kubectl, pod);
  const output = await logsOf(pod);
  const { status } = await client.read<Pod>('get', 'pod', pod);
  await kubectl(['delete', 'pod', pod, patience]);
  return { output, exitCode: status.containerStatuses[0]?.state.terminated?.exitCode };
}

interface Lasting {
  readonly pod: string;
  /** Its phase, and of each container which one it is and how often it was started again. */
  readonly look: () => Promise<readonly string[]>;
  /** Running, and never started again. */
  readonly atFirst: readonly string[];
}

/** A pod that stays, as who wants to know whether it was disturbed sees it. */
async function lasting(family: string): Promise<Lasting> {
  const pod = `stays-in-${family}`;
  await start(family, pod, 'uname -r; while true; do sleep 5; done', { stays: true });
  const look = async () => {
    const { phase, containerStatuses } = (await client.read<Pod>('get', 'pod', pod)).status;
    return [phase, ...containerStatuses.map(({ containerID, restartCount }) => `${containerID} ${restartCount}`)];
  };
  const atFirst = await look();
  expect(atFirst).toEqual(['Running', expect.stringMatching(/^containerd:.* 0$/)]);
  return { pod, look, atFirst };
}

/** Empty while there are none. */
const logsOf = async (pod: string): Promise<string> => (await kubectl(['logs', pod]).catch(() => '')).trim();

const secondsSince = (fromMs: number): string => `${((Date.now() - fromMs) / 1000).toFixed(0)} s`;
const handlers = () => handlersOn(vm);

beforeAll(async () => {
  const cluster = await openVmCluster(name, say);
  kubectl = cluster.kubectl;
  client = clusterClient(kubectl);
  vm = cluster.vms[0]!;
  // Of an earlier run on a node that was kept.
  await kubectl(['delete', 'pods', '--all', patience]);
  await kubectl(['delete', 'sandboxruntime', '--all', patience]);
  await kubectl(['-n', 'default', 'wait', '--for=create', 'serviceaccount/default', patience]);
});

describe('a node with KVM', () => {
  it('is found to have it, and labelled', async () => {
    await kubectl([
      'wait',
      'node/vm1',
      `--for=jsonpath={.metadata.labels.${kvmLabel.replaceAll('.', '\\.')}}=true`,
      patience,
    ]);
    const { status } = await client.read<{ status: SandboxNodeStatus }>('get', 'sandboxnode', 'vm1');
    expect(status.facts?.virtualization).toEqual({ usable: true, vendor: 'amd', nested: true });
    expect(status.facts).toMatchObject({ cgroupVersion: 2, engine: { kind: 'containerd' } });
  });

  it('takes krun and gVisor at the same time', async () => {
    const from = Date.now();
    await client.apply(runtime('krun'), runtime('gvisor'));
    await Promise.all([client.waitReady('krun'), client.waitReady('gvisor')]);
    say(`krun and gVisor applied to Ready: ${secondsSince(from)}`);
    expect(await handlers()).toEqual(expect.arrayContaining(['gvisor', 'krun', 'runc']));
  });

  it('runs a pod in a guest kernel of its own, and hands on how it ended', async () => {
    const nodeKernel = (await vm.run('uname -r')).trim();
    const from = Date.now();
    const { output, exitCode } = await runPod('krun', 'uname -r; exit 7');
    say(`a pod in krun, from apply to its end: ${secondsSince(from)}`);
    expect(output).toMatch(/^\d+\.\d+\.\d+$/);
    expect(output).not.toBe(nodeKernel);
    expect(exitCode).toBe(7);
  });
});

describe('two runtimes on one node', () => {
  it('do not disturb each other when one is removed', async () => {
    const inKrun = await lasting('krun');
    await client.remove('gvisor');
    expect(await handlers()).not.toContain('gvisor');
    expect(await inKrun.look()).toEqual(inKrun.atFirst);
    await kubectl(['delete', 'pod', inKrun.pod, patience]);
  });

  it('are both there after the power has failed in the middle of a change', async () => {
    const changing = vm.run('until test -e /var/lib/bulkhead/undo/armed; do sleep 0.1; done');
    await client.apply(runtime('gvisor'));
    await changing;
    await vm.powerOff();
    const from = Date.now();
    await vm.powerOn();
    say(`power back to a shell: ${secondsSince(from)}`);
    await Promise.all([client.waitReady('krun'), client.waitReady('gvisor')]);
    say(`power back to Ready: ${secondsSince(from)}`);
    expect(await handlers()).toEqual(expect.arrayContaining(['gvisor', 'krun', 'runc']));
    expect(await vm.run('ls /var/lib/bulkhead')).not.toContain('undo');
  });

  it('are not removed while their virtual machines run, which is said, and then go alone', async () => {
    const [inGvisor, inKrun] = [await lasting('gvisor'), await lasting('krun')];
    expect(await logsOf(inGvisor.pod)).toContain('gvisor');
    await kubectl(['delete', 'sandboxruntime', 'krun', '--wait=false']);
    await expect
      .poll(() => kubectl(['describe', 'sandboxnode', 'vm1']), { timeout: 600_000, interval: 2000 })
      .toContain('SandboxesRunning');
    expect(await inKrun.look()).toEqual(inKrun.atFirst);
    await kubectl(['delete', 'pod', inKrun.pod, patience]);
    await kubectl(['wait', 'sandboxruntime/krun', '--for=delete', patience]);
    expect(await handlers()).not.toContain('krun');
    expect(await vm.run('ls /opt/bulkhead /etc/containerd/bulkhead.d')).not.toContain('krun');
    expect(await inGvisor.look()).toEqual(inGvisor.atFirst);
  });
});
