// What matters of a DaemonSet of ours.
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { revisionAnnotation } from '../../crds/names.ts';

export type ObservedDaemonSet = Pick<IDaemonSet, 'spec'> & {
  readonly metadata: Pick<
    NonNullable<IDaemonSet['metadata']>,
    'name' | 'namespace' | 'labels' | 'annotations' | 'ownerReferences'
  >;
  readonly uid: string;
  /** Revision of the template, once the DaemonSet controller has seen it: no pod of an older one is made any more. */
  readonly inPlace: string | undefined;
};

export function observeDaemonSet({ metadata = {}, spec, status }: IDaemonSet): ObservedDaemonSet {
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  const seen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1);
  const content = { name, namespace, labels, annotations, ownerReferences };
  return {
    metadata: content as ObservedDaemonSet['metadata'],
    ...(spec && { spec }),
    uid: metadata.uid ?? '',
    inPlace: seen ? spec?.template.metadata?.annotations?.[revisionAnnotation] : undefined,
  };
}
