// Does on a cluster what a first user would: asks for gVisor, waits, runs a pod in it, and shows each answer.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Kubectl } from '../cluster/kubectl.ts';
import { timed, type Say } from '../progress.ts';

const example = join(import.meta.dirname, '../../docs/examples/gvisor.yaml');
const pod = 'hello-gvisor';

/** @param image one that the nodes have and that brings busybox */
export const firstLight = async (kubectl: Kubectl, image: string, say: Say): Promise<void> => {
  await timed(say, 'kubectl apply -f docs/examples/gvisor.yaml', async () => {
    await kubectl(['apply', '-f', '-'], await readFile(example, 'utf8'));
    await kubectl(['wait', 'sandboxruntime/gvisor', '--for=condition=Ready', '--timeout=120s']);
  });
  for (const kind of ['sandboxruntimes', 'sandboxnodes', 'runtimeclasses']) await show(kubectl, ['get', kind]);
  await timed(say, 'a pod with runtimeClassName: gvisor', async () => {
    await kubectl(['delete', 'pod', pod, '--ignore-not-found']);
    await kubectl(['apply', '-f', '-'], JSON.stringify(kernelLogPod(pod, image)));
    await kubectl(['wait', `pod/${pod}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s']);
  });
  await show(kubectl, ['logs', pod]);
};

/** A pod in gVisor that prints the log of the kernel it runs on. */
export const kernelLogPod = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    runtimeClassName: 'gvisor',
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'hello', image, command: ['/bin/busybox', 'dmesg'] }],
  },
});

const show = async (kubectl: Kubectl, args: readonly string[]): Promise<void> => {
  const answer = await kubectl(args);
  console.log(`\n$ kubectl ${args.join(' ')}\n${answer.trimEnd()}`);
};
