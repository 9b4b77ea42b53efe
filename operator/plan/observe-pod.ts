// What matters of a node pod of ours.
import type { IPod } from 'kubernetes-models/v1/Pod';
import { jobLabel, type NodeJob, probedAnnotation, revisionAnnotation, runtimeLabel } from '../../crds/names.ts';
import { type PodProgress, progressOf } from './pod-progress.ts';

export type ObservedPod = {
  readonly name: string;
  readonly uid: string;
  readonly job: NodeJob;
  /** The SandboxRuntime; none for the probe. */
  readonly runtime?: string;
  readonly revision?: string;
  /** Empty until it is bound. */
  readonly node: string;
  /** It is being deleted, or kubelet has given it up: its DaemonSet makes another. */
  readonly leaving: boolean;
  readonly progress: PodProgress;
  /** Of the probe: see probedAnnotation. */
  readonly probed?: string;
};

export function observePod({ metadata, spec, status }: IPod): ObservedPod {
  const { labels = {}, annotations = {} } = metadata ?? {};
  const runtime = labels[runtimeLabel];
  const revision = annotations[revisionAnnotation];
  const probed = annotations[probedAnnotation];
  const steps = spec?.initContainers?.map(({ name }) => name) ?? [];
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    job: labels[jobLabel] as NodeJob,
    ...(runtime && { runtime }),
    ...(revision && { revision }),
    node: spec?.nodeName ?? '',
    leaving: metadata?.deletionTimestamp !== undefined || status?.phase === 'Failed' || status?.phase === 'Succeeded',
    progress: progressOf(steps, status?.initContainerStatuses ?? []),
    ...(probed && { probed }),
  };
}
