// The DaemonSets that bring pods to nodes: probe, plan, install, verify, remove. They do not decide which node is next.
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import {
  installDaemonSet,
  installGate,
  type NodeJob,
  namespace,
  nodeServiceAccount,
  planDaemonSet,
  planGate,
  probeDaemonSet,
  removeDaemonSet,
  removeGate,
  verifyDaemonSet,
  verifyGate,
  revisionAnnotation,
} from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import {
  authoritiesVolume,
  hostVolume,
  pauseContainer,
  payloadVolume,
  stepContainer,
  withPayloadVolume,
  workVolume,
} from './node-containers.ts';
import { jobLabels } from './object-labels.ts';
import type { Owner } from './owner.ts';

export type NodeImages = { readonly installerImage: string; readonly pauseImage: string };
type Payload = {
  /** What the steps run in that read the payload. */
  readonly payloadImage: string;
  /** An image with the payload, when it is not that one. */
  readonly payloadVolume?: string | undefined;
};
type InstallSettings = NodeImages &
  Payload & {
    /** Environment variables by which nodes download. */
    readonly proxy?: Readonly<Record<string, string>>;
  };

export function probeOn(images: NodeImages, revision: string): IDaemonSet {
  return daemonSet({
    name: probeDaemonSet,
    job: 'probe',
    revision,
    pod: {
      initContainers: [stepContainer('probe', images.installerImage)],
      containers: [pauseContainer(images.pauseImage)],
      volumes: [hostVolume],
    },
  });
}

/** The payload's image, since only its manifest says what would be staged. */
export function planOn(
  { payloadImage, payloadVolume: volume, pauseImage }: NodeImages & Payload,
  task: NodeTask,
  owner: Owner,
): IDaemonSet {
  return runtimeDaemonSet('plan', task, owner, {
    initContainers: [readingPayload(stepContainer('plan', payloadImage, task), volume)],
    containers: [pauseContainer(pauseImage)],
    volumes: [hostVolume, workVolume, ...volumesFor(volume)],
  });
}

export function installOn(
  { installerImage, payloadImage, payloadVolume: volume, pauseImage, proxy = {} }: InstallSettings,
  task: NodeTask,
  owner: Owner,
): IDaemonSet {
  return runtimeDaemonSet('install', task, owner, {
    ...speaksToSystemd,
    initContainers: [
      stepContainer('preflight', installerImage, task),
      readingPayload(stepContainer('stage', payloadImage, task, proxy), volume),
      stepContainer('activate', installerImage, task),
      stepContainer('verify', installerImage, task),
    ],
    containers: [pauseContainer(pauseImage)],
    volumes: [hostVolume, workVolume, authoritiesVolume, ...volumesFor(volume)],
  });
}

function readingPayload(container: IContainer, volume: string | undefined): IContainer {
  return volume === undefined ? container : withPayloadVolume(container);
}

function volumesFor(volume: string | undefined): IVolume[] {
  return volume === undefined ? [] : [payloadVolume(volume)];
}

/** Looks at a node that has the runtime, long after its install. */
export function verifyOn({ installerImage, pauseImage }: NodeImages, task: NodeTask, owner: Owner): IDaemonSet {
  return runtimeDaemonSet('verify', task, owner, {
    initContainers: [stepContainer('verify', installerImage, task)],
    containers: [pauseContainer(pauseImage)],
    volumes: [hostVolume, workVolume],
  });
}

export function removeOn({ installerImage, pauseImage }: NodeImages, task: NodeTask, owner: Owner): IDaemonSet {
  return runtimeDaemonSet('remove', task, owner, {
    ...speaksToSystemd,
    initContainers: [stepContainer('remove', installerImage, task)],
    containers: [pauseContainer(pauseImage)],
    volumes: [hostVolume, workVolume],
  });
}

const names = {
  plan: { daemonSet: planDaemonSet, gate: planGate },
  install: { daemonSet: installDaemonSet, gate: installGate },
  verify: { daemonSet: verifyDaemonSet, gate: verifyGate },
  remove: { daemonSet: removeDaemonSet, gate: removeGate },
} satisfies Record<Exclude<NodeJob, 'probe'>, object>;

function runtimeDaemonSet(job: keyof typeof names, task: NodeTask, owner: Owner, pod: Parts['pod']): IDaemonSet {
  const { runtime, revision } = task;
  return daemonSet({ name: names[job].daemonSet(runtime), job, revision, owner, gate: names[job].gate(runtime), pod });
}

type Parts = {
  readonly name: string;
  readonly job: NodeJob;
  readonly revision: string;
  readonly owner?: Owner;
  /** Label that a node must carry, with any value. */
  readonly gate?: string;
  readonly pod: Pick<IPodSpec, 'hostPID' | 'initContainers' | 'containers' | 'volumes'>;
};

function daemonSet({ name, job, revision, owner, gate, pod }: Parts): IDaemonSet {
  const labels = jobLabels(job, owner?.name);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels, ...(owner && { ownerReferences: [owner] }) },
    spec: {
      selector: { matchLabels: labels },
      // A pod is replaced when the operator deletes it, never by itself.
      updateStrategy: { type: 'OnDelete' },
      revisionHistoryLimit: 1,
      template: {
        metadata: { labels, annotations: { [revisionAnnotation]: revision } },
        spec: { ...podDefaults, ...(gate && { affinity: onlyWith(gate) }), ...pod },
      },
    },
  };
}

/** systemctl refuses a service manager whose process ID it cannot see (sd-bus, `getpeercred`). */
const speaksToSystemd = { hostPID: true } satisfies Partial<IPodSpec>;

const podDefaults = {
  serviceAccountName: nodeServiceAccount,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  priorityClassName: 'system-node-critical',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ operator: 'Exists' as const }],
  // Time for a step that runs to come to its end.
  terminationGracePeriodSeconds: 60,
} satisfies Partial<IPodSpec>;

function onlyWith(label: string): NonNullable<IPodSpec['affinity']> {
  const matchExpressions = [{ key: label, operator: 'Exists' as const }];
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  };
}
