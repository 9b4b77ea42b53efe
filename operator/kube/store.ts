// What is known of one kind, as the operator sees it; fed by a watch and by the operator's own writes. It fetches nothing.
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from './client.ts';

export type Change<T> = { readonly name: string; readonly before: T | undefined; readonly after: T | undefined };

/**
 * A read-only view of the cluster plus read-your-writes: the answer to a write goes in at once, and neither an older
 * event nor the late answer of a write to an object since deleted can undo what is newer.
 */
export class Store<T> {
  readonly #observe: (object: KubeObject) => T;
  readonly #entries = new Map<string, { readonly revision: bigint; readonly value: T }>();
  readonly #listeners: ((change: Change<T>) => void)[] = [];
  /** Everything up to here has been seen, so an unknown object that is not newer has been deleted. */
  #seen = 0n;
  readonly #synced = Promise.withResolvers<void>();

  /** @param observe keeps what matters of an object; changes to the rest are no changes */
  constructor(observe: (object: KubeObject) => T) {
    this.#observe = observe;
  }

  /** Settles once there has been a complete list. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get(name: string): T | undefined {
    return this.#entries.get(name)?.value;
  }

  list(): T[] {
    return Array.from(this.#entries.values(), ({ value }) => value);
  }

  onChange(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a complete list. */
  replace(objects: readonly KubeObject[], resourceVersion: string): void {
    const present = new Set(objects.map(({ metadata }) => metadata.name));
    const listed = BigInt(resourceVersion);
    const isStale = (name: string) => !present.has(name) && (this.#entries.get(name)?.revision ?? 0n) <= listed;
    for (const name of Array.from(this.#entries.keys()).filter(isStale)) this.#drop(name);
    this.#seen = listed > this.#seen ? listed : this.#seen;
    for (const object of objects) this.#take(object);
    this.#synced.resolve();
  }

  /** Takes what a watch says. */
  observe(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    const revision = revisionOf(object);
    const known = this.#entries.get(object.metadata.name);
    if (type === 'DELETED' && known && known.revision <= revision) this.#drop(object.metadata.name);
    if (type !== 'DELETED') this.#take(object);
    if (revision > this.#seen) this.#seen = revision;
  }

  /** Takes the answer to a write of ours. */
  written(object: KubeObject): void {
    if (!this.#entries.has(object.metadata.name) && revisionOf(object) <= this.#seen) return;
    this.#take(object);
  }

  /** Takes that a write found the object gone. */
  gone(name: string): void {
    this.#drop(name);
  }

  #take(object: KubeObject): void {
    const { name } = object.metadata;
    const revision = revisionOf(object);
    const known = this.#entries.get(name);
    if (known && known.revision >= revision) return;
    const after = this.#observe(object);
    this.#entries.set(name, { revision, value: after });
    if (!known || !isDeepStrictEqual(known.value, after)) this.#tell({ name, before: known?.value, after });
  }

  #drop(name: string): void {
    const known = this.#entries.get(name);
    this.#entries.delete(name);
    if (known) this.#tell({ name, before: known.value, after: undefined });
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** resourceVersions of one kind are ordered numbers. Source: KEP-5504. */
function revisionOf(object: KubeObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? '0');
}
