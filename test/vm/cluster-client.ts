// What the tests on node VMs ask of their cluster and its nodes, with the patience that emulation takes.
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import type { NodeVm } from '../../hack/vm/node-vm.ts';

/** Emulation is slow, and the machine may have other work. */
export const patience = '--timeout=900s';

export interface Pod {
  readonly status: {
    readonly phase: string;
    readonly containerStatuses: readonly {
      readonly containerID: string;
      readonly restartCount: number;
      readonly state: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

export const clusterClient = (kubectl: Kubectl) => ({
  kubectl,
  apply: (...items: readonly object[]) =>
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items })),
  waitReady: (runtime: string) => kubectl(['wait', `sandboxruntime/${runtime}`, '--for=condition=Ready', patience]),
  remove: (runtime: string) => kubectl(['delete', 'sandboxruntime', runtime, patience]),
  read: async <T>(...args: readonly string[]): Promise<T> => JSON.parse(await kubectl([...args, '-o', 'json'])) as T,
});

/** Waits until an exit code is there. */
export const waitEnded = (kubectl: Kubectl, pod: string) =>
  kubectl(['wait', `pod/${pod}`, '--for=jsonpath={.status.containerStatuses[0].state.terminated.exitCode}', patience]);

/** The handlers that a node's CRI lists. */
export const handlersOn = async (vm: NodeVm): Promise<readonly string[]> => {
  const info = JSON.parse(await vm.run('crictl --timeout 60s info')) as { runtimeHandlers: { name?: string }[] };
  return info.runtimeHandlers.flatMap((handler) => handler.name ?? []).toSorted();
};
