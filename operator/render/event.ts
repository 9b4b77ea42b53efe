// Events as kubectl describe shows them; the same happening always has the same name, so that it is told once.
import type { IEvent } from 'kubernetes-models/v1/Event';
import { groupVersion } from '../../crds/names.ts';
import type { Happening } from '../plan/events.ts';
import { type Hash, revisionOf } from '../plan/revision.ts';

export type EventSubject = {
  readonly kind: 'SandboxRuntime' | 'SandboxNode';
  readonly name: string;
  readonly uid: string;
};

/** Source: Kubernetes validates `message` and `note` at 1024 bytes. */
const maxMessageLength = 1000;

export function event(subject: EventSubject, happening: Happening, now: string, hash: Hash): IEvent {
  const { type, reason, message, identity } = happening;
  const name = `${subject.name}.${revisionOf([subject.uid, identity], hash)}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // Events of cluster-scoped objects are in `default`.
    metadata: { name, namespace: 'default' },
    involvedObject: { apiVersion: groupVersion, ...subject },
    type,
    reason,
    message: message.slice(0, maxMessageLength),
    source: { component: 'bulkhead-operator' },
    reportingComponent: 'bulkhead-operator',
    reportingInstance: 'bulkhead-operator',
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
