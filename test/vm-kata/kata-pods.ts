// Pods in Kata's guests: started with the retries that emulation takes, and looked into from inside and from the node.
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { busyboxImage } from '../../hack/node-image/system-images.ts';
import type { Say } from '../../hack/progress.ts';
import type { NodeVm } from '../../hack/vm/node-vm.ts';
import { clusterClient, type Pod } from '../vm/cluster-client.ts';

export interface Place {
  readonly kubectl: Kubectl;
  readonly vm: NodeVm;
  readonly say: Say;
}

/** A kernel as a process in it sees it. */
export interface Kernel {
  /** Another at each boot of each kernel: two that differ are two kernels, whatever `uname` says. */
  readonly bootId: string;
  readonly commandLine: string;
  readonly uptimeSeconds: number;
  readonly memoryKiB: number;
}

const tries = 3;
const tryTimeout = '--timeout=900s';
const lookAtKernel =
  'cat /proc/sys/kernel/random/boot_id; cat /proc/cmdline; cut -d" " -f1 /proc/uptime; awk "/MemTotal/ { print \\$2 }" /proc/meminfo';

const kernelOf = (output: string): Kernel => {
  const [bootId = '', commandLine = '', uptime, memory] = output.trim().split('\n');
  return { bootId, commandLine, uptimeSeconds: Number(uptime), memoryKiB: Number(memory) };
};

export const kernelOfNode = async ({ vm }: Place): Promise<Kernel> => kernelOf(await vm.run(lookAtKernel));
export const kernelOfPod = async ({ kubectl }: Place, pod: string): Promise<Kernel> =>
  kernelOf(await kubectl(['exec', pod, '--', 'sh', '-c', lookAtKernel]));

/** The container of a pod, as who wants to know whether it was disturbed sees it. */
export const containerOf = async ({ kubectl }: Place, pod: string): Promise<string> => {
  const { status } = await clusterClient(kubectl).read<Pod>('get', 'pod', pod);
  return status.containerStatuses.map(({ containerID, restartCount }) => `${containerID} ${restartCount}`).join();
};

/** Programs that run from a folder of the node. */
export const programsBelow = async ({ vm }: Place, folder: string): Promise<readonly string[]> => {
  const links = await vm.run('for each in /proc/[0-9]*; do readlink $each/exe; done; true');
  return links.split('\n').filter((path) => path.startsWith(`${folder}/`));
};

/**
 * Waits until the pod runs. *Source*: in trials two of 21 starts of Kata in an emulated node failed without a reason.
 * *Errors*: with the last lines of Kata's log, when no try has succeeded.
 */
export const startPod = async (place: Place, handler: string, pod: string): Promise<void> => {
  const { kubectl, say } = place;
  for (let left = tries; ; left--) {
    await clusterClient(kubectl).apply(podIn(handler, pod));
    const from = Date.now();
    const failure = await kubectl(['wait', `pod/${pod}`, '--for=condition=Ready', tryTimeout]).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return say(`${pod}: up after ${((Date.now() - from) / 1000).toFixed(0)} s`);
    const log = await logOf(place, pod);
    if (left === 1) throw new Error(`Cannot start a pod in ${handler}: it is not Ready.\n${log}`, { cause: failure });
    say(`${pod}: not up, trying again\n${log}`);
    await kubectl(['delete', 'pod', pod, '--force', '--grace-period=1', tryTimeout]);
  }
};

const logOf = async ({ kubectl, vm }: Place, pod: string): Promise<string> => {
  const events = await kubectl(['events', '--for', `pod/${pod}`]);
  const log = await vm.run('journalctl --no-pager -o cat -n 40 -t kata -t virtiofsd -t containerd');
  return `${events}\n${log}`;
};

const podIn = (handler: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    runtimeClassName: handler,
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'it',
        image: busyboxImage,
        command: ['sh', '-c', 'while true; do sleep 5; done'],
        // Kata's processes are not in the pod's cgroup, and without a request systemd turns off the controllers of one that
        // is empty. Where no other pod is BestEffort, kubelet then takes the cgroup for gone, and kills the pod.
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
  },
});
