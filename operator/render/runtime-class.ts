// A RuntimeClass that tells the truth: pods land only where the handler is verified.
import type { IRuntimeClass } from 'kubernetes-models/node.k8s.io/v1/RuntimeClass';
import { handlerLabel, handlerReady, runtimeLabel } from '../../crds/names.ts';
import type { WantedClass } from '../plan/resolve-handler.ts';
import { ownLabels } from './object-labels.ts';
import type { Owner } from './owner.ts';

export function runtimeClass(
  { name, handler, overhead, nodeSelector, tolerations }: WantedClass,
  owner: Owner,
): IRuntimeClass {
  return {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name, labels: { ...ownLabels, [runtimeLabel]: owner.name }, ownerReferences: [owner] },
    handler,
    ...(Object.keys(overhead).length > 0 && { overhead: { podFixed: { ...overhead } } }),
    scheduling: {
      nodeSelector: { ...nodeSelector, [handlerLabel(handler)]: handlerReady },
      ...(tolerations.length > 0 && { tolerations: tolerations.map(compact) }),
    },
  };
}

/** Without fields that are there but undefined. */
function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
