// Plays the DaemonSet controller, the garbage collector and every kubelet, on a real API server; keeps no state of its own
// but a diary. It plays no scheduler: its pods are born on their node.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import type { INode } from 'kubernetes-models/v1/Node';
import type { IPod } from 'kubernetes-models/v1/Pod';
import { jobLabel, namespace, revisionAnnotation, runtimeLabel } from '../../../crds/names.ts';
import type { NodeFacts } from '../../../crds/node-facts.ts';
import type { NodeReport, NodeStep } from '../../../crds/node-report.ts';
import { connect, type KubeObject } from '../../../operator/kube/client.ts';
import { readText, send } from '../../../operator/kube/http.ts';
import { isKubeError } from '../../../operator/kube/kube-error.ts';
import { pathOf, type Resource, resources } from '../../../operator/kube/resource.ts';

/** One step of one pod on one node. */
export type Turn = {
  readonly node: string;
  readonly step: NodeStep;
  readonly revision: string;
  readonly pod: string;
  readonly force: boolean;
};
export type Answer = Partial<NodeReport> | 'hold' | 'crash';

export type Entry =
  | {
      readonly kind: 'pod';
      readonly node: string;
      readonly job: string;
      readonly runtime: string;
      readonly revision: string;
    }
  | { readonly kind: 'step'; readonly node: string; readonly step: NodeStep; readonly revision: string };

export type FakeNodes = {
  readonly diary: readonly Entry[];
  /** What must not happen: a step on a node with a ready handler, more than one node mid-change. */
  readonly offences: readonly string[];
  /** Most nodes that changed at the same time. */
  readonly mostChanging: number;
  /** How steps end; by default all are done. */
  answer: (turn: Turn) => Answer;
  addNode(name: string, rest?: { labels?: Record<string, string>; taints?: object[] }): Promise<void>;
  /** @param kubelet its version, as it is from then on */
  setReady(name: string, ready: boolean, kubelet?: string): Promise<void>;
  removeNode(name: string): Promise<void>;
  stop(): Promise<void>;
};

export const facts: NodeFacts = {
  arch: 'amd64',
  kernel: '6.12.0',
  os: 'Debian GNU/Linux 13',
  distribution: 'kind',
  cgroupVersion: 2,
  selinux: 'disabled',
  engine: {
    kind: 'containerd',
    version: '2.3.7',
    socket: '/run/containerd/containerd.sock',
    configPath: '/etc/containerd/config.toml',
  },
  virtualization: { usable: true, vendor: 'amd', nested: false },
  freeDiskBytes: 1e10,
};

const tickMs = 40;

export function startFakeNodes(config: KubeConfig): FakeNodes {
  const stop = new AbortController();
  const world = new World(config, stop.signal);
  const running = world.run();
  return Object.assign(world.surface, {
    stop: async () => {
      stop.abort();
      await running;
    },
  });
}

type Live<T> = T & KubeObject;

class World {
  readonly #config: KubeConfig;
  readonly #signal: AbortSignal;
  readonly #diary: Entry[] = [];
  readonly #offences: string[] = [];
  #mostChanging = 0;
  readonly surface: Omit<FakeNodes, 'stop'>;

  constructor(config: KubeConfig, signal: AbortSignal) {
    this.#config = config;
    this.#signal = signal;
    const mostChanging = () => this.#mostChanging;
    this.surface = {
      diary: this.#diary,
      offences: this.#offences,
      get mostChanging() {
        return mostChanging();
      },
      answer: () => ({}),
      addNode: (name, rest) => this.#addNode(name, rest),
      setReady: (name, ready, kubelet) => this.#setReady(name, ready, kubelet),
      removeNode: (name) => this.#delete(resources.nodes, name),
    };
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await this.#tick();
      } catch (error) {
        const passing = isKubeError(error, 'Unavailable', 'Conflict', 'NotFound', 'AlreadyExists', 'TooManyRequests');
        if (!passing && !this.#signal.aborted) this.#offences.push(`fake nodes: ${String(error)}`);
      }
      await sleep(tickMs);
    }
  }

  async #tick(): Promise<void> {
    const [nodes, daemonSets, pods, runtimes, sandboxNodes] = await Promise.all([
      this.#list<INode>(resources.nodes),
      this.#list<IDaemonSet>(resources.daemonSets),
      this.#list<IPod>(resources.pods),
      this.#list<KubeObject>(resources.sandboxRuntimes),
      this.#list<KubeObject>(resources.sandboxNodes),
    ]);
    await this.#collectGarbage(nodes, daemonSets, runtimes, sandboxNodes);
    for (const daemonSet of daemonSets) await this.#controlDaemonSet(daemonSet, nodes, pods);
    for (const pod of pods) await this.#orphan(pod, daemonSets, nodes);
    this.#watchOver(pods);
    for (const pod of pods) await this.#kubelet(pod, nodes);
  }

  async #collectGarbage(
    nodes: readonly KubeObject[],
    daemonSets: readonly KubeObject[],
    runtimes: readonly KubeObject[],
    sandboxNodes: readonly KubeObject[],
  ): Promise<void> {
    const alive = new Set([...nodes, ...runtimes].map(({ metadata }) => metadata.uid));
    const isOrphan = (object: KubeObject) => {
      const owners = (object.metadata as { ownerReferences?: { uid: string }[] }).ownerReferences ?? [];
      return owners.length > 0 && owners.every(({ uid }) => !alive.has(uid));
    };
    for (const { metadata } of sandboxNodes.filter(isOrphan)) await this.#delete(resources.sandboxNodes, metadata.name);
    for (const { metadata } of daemonSets.filter(isOrphan)) await this.#delete(resources.daemonSets, metadata.name);
    const classes = await this.#list<KubeObject>(resources.runtimeClasses);
    for (const { metadata } of classes.filter(isOrphan)) await this.#delete(resources.runtimeClasses, metadata.name);
  }

  async #controlDaemonSet(
    daemonSet: Live<IDaemonSet>,
    nodes: readonly Live<INode>[],
    pods: readonly Live<IPod>[],
  ): Promise<void> {
    const { metadata, spec } = daemonSet;
    const generation = (metadata as { generation: number }).generation;
    if (daemonSet.status?.observedGeneration !== generation) {
      const status = {
        observedGeneration: generation,
        currentNumberScheduled: 0,
        desiredNumberScheduled: 0,
        numberMisscheduled: 0,
        numberReady: 0,
      };
      await this.#applyStatus(resources.daemonSets, {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: metadata.name, namespace },
        status,
      });
    }
    const expression =
      spec?.template.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
        ?.matchExpressions?.[0];
    for (const node of nodes) {
      const labels = (node.metadata as { labels?: Record<string, string> }).labels ?? {};
      const wanted = !expression || labels[expression.key] !== undefined;
      const own = pods.filter(
        (pod) => pod.spec?.nodeName === node.metadata.name && pod.metadata.name.startsWith(`${metadata.name}-x`),
      );
      const there = own.filter((pod) => !pod.metadata.deletionTimestamp);
      if (wanted && own.length === 0) await this.#createPod(daemonSet, node.metadata.name);
      if (!wanted) for (const pod of there) await this.#delete(resources.pods, pod.metadata.name, 30);
    }
  }

  async #createPod({ metadata, spec }: Live<IDaemonSet>, node: string): Promise<void> {
    const { labels = {}, annotations = {} } = spec?.template.metadata ?? {};
    const name = `${metadata.name}-x${randomBytes(3).toString('hex')}`;
    await this.#client().create(
      resources.pods,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels, annotations },
        spec: { ...spec?.template.spec, nodeName: node },
      },
      this.#signal,
    );
    const runtime = labels[runtimeLabel] ?? '';
    this.#diary.push({
      kind: 'pod',
      node,
      job: labels[jobLabel] ?? '',
      runtime,
      revision: annotations[revisionAnnotation] ?? '',
    });
  }

  async #orphan(pod: Live<IPod>, daemonSets: readonly KubeObject[], nodes: readonly KubeObject[]): Promise<void> {
    const owned = daemonSets.some(({ metadata }) => pod.metadata.name.startsWith(`${metadata.name}-x`));
    const housed = nodes.some(({ metadata }) => metadata.name === pod.spec?.nodeName);
    if (!owned || !housed) await this.#delete(resources.pods, pod.metadata.name);
  }

  /** Counts nodes with a job of theirs unfinished. */
  #watchOver(pods: readonly Live<IPod>[]): void {
    const busy = pods.filter(
      (pod) =>
        ['install', 'remove'].includes(labelOf(pod, jobLabel) ?? '') &&
        !pod.metadata.deletionTimestamp &&
        !isFinished(pod),
    );
    const changing = new Set(busy.map((pod) => pod.spec?.nodeName)).size;
    this.#mostChanging = Math.max(this.#mostChanging, changing);
  }

  async #kubelet(pod: Live<IPod>, nodes: readonly Live<INode>[]): Promise<void> {
    const { name, deletionTimestamp } = pod.metadata;
    const node = nodes.find(({ metadata }) => metadata.name === pod.spec?.nodeName);
    if (!node || !isNodeReady(node)) return;
    if (deletionTimestamp) return this.#delete(resources.pods, name);
    const statuses = pod.status?.initContainerStatuses ?? [];
    const containers = pod.spec?.initContainers ?? [];
    const next = containers.find(
      (container) =>
        !statuses.some((status) => status.name === container.name && status.state?.terminated?.exitCode === 0),
    );
    if (!next) return;
    const step = next.name as NodeStep;
    const isRunning = statuses.some((status) => status.name === step && status.state?.running);
    const state = isRunning ? this.#finish(pod, node, step) : this.#start(pod, node, step);
    if (!state) return;
    const kept = statuses.filter((status) => status.name !== step);
    await this.#writeStatuses(pod, [...kept, { name: step, ...state }]);
  }

  #start(pod: Live<IPod>, node: Live<INode>, step: NodeStep) {
    const revision = revisionOf(pod);
    if (step !== 'probe') this.#diary.push({ kind: 'step', node: node.metadata.name, step, revision });
    const handler = Object.keys((node.metadata as { labels?: object }).labels ?? {}).find((label) =>
      label.startsWith('handler.'),
    );
    if (handler && ['activate', 'remove'].includes(step))
      this.#offences.push(`${step} on ${node.metadata.name} with ${handler}`);
    return { state: { running: { startedAt: new Date().toISOString() } } };
  }

  #finish(pod: Live<IPod>, node: Live<INode>, step: NodeStep) {
    const revision = revisionOf(pod);
    const env = pod.spec?.initContainers?.find(({ name }) => name === step)?.env?.[0]?.value;
    const force = env ? (JSON.parse(env) as { force: boolean }).force : false;
    const answer = this.surface.answer({ node: node.metadata.name, step, revision, pod: pod.metadata.name, force });
    if (answer === 'hold') return undefined;
    const finishedAt = new Date().toISOString();
    if (answer === 'crash') {
      const terminated = { exitCode: 1, reason: 'Error', message: 'TypeError: x is undefined', finishedAt };
      return { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated }, restartCount: 1 };
    }
    const report: NodeReport = {
      step,
      outcome: failedBefore(pod) ? 'skipped' : 'done',
      durationMs: 7,
      engineRestarts: step === 'activate' ? 1 : 0,
      ...(step === 'probe' ? { facts } : { revision }),
      ...(failedBefore(pod) ? {} : answer),
    };
    return { state: { terminated: { exitCode: 0, finishedAt, message: JSON.stringify(report) } } };
  }

  async #writeStatuses(pod: Live<IPod>, changed: readonly object[]): Promise<void> {
    const full = changed.map((status) => ({ image: 'x', imageID: 'x', ready: false, restartCount: 0, ...status }));
    await this.#applyStatus(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod.metadata.name, namespace, uid: pod.metadata.uid },
      status: { initContainerStatuses: full },
    });
  }

  async #addNode(
    name: string,
    { labels = {}, taints = [] }: { labels?: Record<string, string>; taints?: object[] } = {},
  ): Promise<void> {
    const all = {
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      ...labels,
    };
    await this.#client().create(
      resources.nodes,
      { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: all }, spec: { taints } },
      this.#signal,
    );
    await this.#setReady(name, true);
  }

  async #setReady(name: string, ready: boolean, kubelet = 'v1.36.3'): Promise<void> {
    const condition = {
      type: 'Ready',
      status: ready ? 'True' : 'Unknown',
      reason: 'Test',
      message: '',
      lastTransitionTime: new Date().toISOString(),
    };
    const nodeInfo = {
      architecture: 'amd64',
      bootID: 'b',
      containerRuntimeVersion: 'containerd://2.3.7',
      kernelVersion: '6.12.0',
      kubeProxyVersion: '',
      kubeletVersion: kubelet,
      machineID: 'm',
      operatingSystem: 'linux',
      osImage: 'Debian',
      systemUUID: 's',
    };
    await this.#applyStatus(resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      status: { conditions: [condition], nodeInfo },
    });
  }

  #client() {
    return connect(this.#config);
  }

  async #list<T>(resource: Resource): Promise<Live<T>[]> {
    const { items } = await this.#client().list(resource, {}, this.#signal);
    return items as unknown as Live<T>[];
  }

  async #applyStatus(resource: Resource, body: object): Promise<void> {
    await this.#client().apply(resource, body, { fieldManager: 'fake-nodes', subresource: 'status' }, this.#signal);
  }

  async #delete(resource: Resource, name: string, gracePeriodSeconds = 0): Promise<void> {
    try {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds };
      const request = {
        method: 'DELETE',
        path: pathOf(resource, name),
        body,
        signal: this.#signal,
        idleMs: 10_000,
      } as const;
      await readText(await send(this.#config, request));
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
    }
  }
}

function labelOf(pod: Live<IPod>, label: string): string | undefined {
  return (pod.metadata as { labels?: Record<string, string> }).labels?.[label];
}

function revisionOf(pod: Live<IPod>): string {
  return (pod.metadata as { annotations?: Record<string, string> }).annotations?.[revisionAnnotation] ?? '';
}

function isFinished(pod: Live<IPod>): boolean {
  const ended = (pod.status?.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode === 0);
  return ended.length === pod.spec?.initContainers?.length;
}

function failedBefore(pod: Live<IPod>): boolean {
  const outcomes = (pod.status?.initContainerStatuses ?? []).flatMap(({ state }) =>
    state?.terminated?.message ? [(JSON.parse(state.terminated.message) as NodeReport).outcome] : [],
  );
  return outcomes.some((outcome) => outcome !== 'done' && outcome !== 'unchanged');
}

function isNodeReady(node: Live<INode>): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
