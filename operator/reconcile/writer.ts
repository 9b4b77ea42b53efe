// The only way the operator writes: one server-side apply or deletion, told to the store at once, and logged.
import type { Logger } from 'pino';
import { appliedAnnotation, fieldManagers } from '../../crds/names.ts';
import type { Appliable, ApplyOptions, KubeClient } from '../kube/client.ts';
import { covers } from '../kube/covers.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { resources } from '../kube/resource.ts';
import { type Hash, revisionOf } from '../plan/revision.ts';
import { type Cluster, type Kind, resourceOf } from './cluster.ts';

export type Writer = ReturnType<typeof writerTo>;

type Whole = Appliable & { readonly metadata?: { readonly name?: string; readonly annotations?: object } };

export function writerTo(client: KubeClient, cluster: Cluster, hash: Hash, log: Logger, signal: AbortSignal) {
  /** Applies fields of ours. */
  async function apply(kind: Kind, object: Appliable, options: ApplyOptions): Promise<void> {
    cluster[kind].written(await client.apply(resourceOf(kind), object, options, signal));
    log.info({ kind: object.kind, name: object.metadata?.name, manager: options.fieldManager }, 'applied');
  }

  /** Makes an object that is ours as a whole be like this, and writes nothing if it already is. */
  async function ensure(kind: 'daemonSets' | 'runtimeClasses', wanted: Whole): Promise<void> {
    const annotations = { ...wanted.metadata?.annotations, [appliedAnnotation]: revisionOf(wanted, hash) };
    const marked = { ...wanted, metadata: { ...wanted.metadata, annotations } };
    // Lists of built-in kinds leave these two out.
    const { apiVersion: _, kind: __, ...content } = marked;
    const actual = cluster[kind].get(wanted.metadata?.name ?? '');
    if (!actual || !covers(actual, content)) await apply(kind, marked, { fieldManager: fieldManagers.objects });
  }

  /** Deletes exactly this object; it may be gone already. */
  async function remove(kind: Kind, name: string, uid: string): Promise<void> {
    try {
      const answer = await client.delete(resourceOf(kind), name, uid, signal);
      // The answer to a deletion at once is a Status, not the object.
      if (answer.metadata?.name) cluster[kind].written(answer);
      log.info({ kind, name }, 'deleted');
    } catch (error) {
      if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  /** Tells an event once. Best effort: an event that gets lost changes nothing. */
  async function tell(event: object): Promise<void> {
    try {
      await client.create(resources.events, event, signal);
    } catch (error) {
      if (!isKubeError(error, 'AlreadyExists')) log.warn({ err: error }, 'event not written');
    }
  }

  return { apply, ensure, remove, tell };
}
