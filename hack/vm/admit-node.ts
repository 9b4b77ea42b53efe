// Does for a node VM what a cloud provider does for its nodes: says where it is reached, and that it is known.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Kubectl } from '../cluster/kubectl.ts';
import type { Vm } from './plan.ts';

const TIMEOUT_MS = 300_000;
const taint = 'node.cloudprovider.kubernetes.io/uninitialized';

interface Node {
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
}

/** Waits until the node has come and is Ready. */
export const admitNode = async (vm: Vm, kubectl: Kubectl): Promise<void> => {
  const node = await untilThere(vm, kubectl);
  await kubectl([
    ...['patch', 'node', vm.name, '--subresource=status', '--type=merge', '-p'],
    JSON.stringify({ status: { addresses: addressesOf(vm) } }),
  ]);
  if (node.spec.taints?.some(({ key }) => key === taint) === true) {
    await kubectl(['taint', 'node', vm.name, `${taint}-`]);
  }
  await kubectl(['wait', `node/${vm.name}`, '--for=condition=Ready', `--timeout=${TIMEOUT_MS / 1000}s`]);
};

/** The external one is where this machine forwards kubelet's port from. */
const addressesOf = (vm: Vm) => [
  { type: 'InternalIP', address: vm.address },
  { type: 'ExternalIP', address: '127.0.0.1' },
  { type: 'Hostname', address: vm.name },
];

const untilThere = async (vm: Vm, kubectl: Kubectl): Promise<Node> => {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const text = await kubectl(['get', 'node', vm.name, '--ignore-not-found', '-o', 'json']);
    if (text !== '') return JSON.parse(text) as Node;
    if (Date.now() > deadline) throw new Error(`Cannot use node ${vm.name}: it has not joined in 5 minutes.`);
    await sleep(500);
  }
};
