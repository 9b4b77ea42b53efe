import { describe, expect, it } from 'vitest';
import type { KubeObject } from './client.ts';
import { type Change, Store } from './store.ts';

const object = (name: string, resourceVersion: number, label = 'x') =>
  ({ metadata: { name, resourceVersion: String(resourceVersion), labels: { label } } }) as KubeObject;

function storeWithChanges() {
  const store = new Store((raw) => (raw.metadata as unknown as { labels: { label: string } }).labels.label);
  const changes: Change<string>[] = [];
  store.onChange((change) => changes.push(change));
  return { store, changes };
}

describe('Store', () => {
  it('is synced after a complete list, not after an event', async () => {
    const { store } = storeWithChanges();
    const isSynced = () => Promise.race([store.synced.then(() => true), Promise.resolve().then(() => false)]);
    store.observe('ADDED', object('a', 1));
    expect(await isSynced()).toBe(false);
    store.replace([], '2');
    expect(await isSynced()).toBe(true);
  });

  it('tells no change when only what is not observed has changed', () => {
    const { store, changes } = storeWithChanges();
    store.replace([object('a', 1)], '1');
    store.observe('MODIFIED', object('a', 2));
    expect(changes).toHaveLength(1);
  });

  it('drops what a list no longer has', () => {
    const { store, changes } = storeWithChanges();
    store.replace([object('a', 1)], '1');
    store.replace([], '5');
    expect(store.list()).toEqual([]);
    expect(changes.at(-1)).toEqual({ name: 'a', before: 'x', after: undefined });
  });

  it('keeps what we wrote when an older event comes after', () => {
    const { store } = storeWithChanges();
    store.replace([object('a', 1, 'old')], '1');
    store.written(object('a', 3, 'ours'));
    store.observe('MODIFIED', object('a', 2, 'other'));
    expect(store.get('a')).toBe('ours');
  });

  it('keeps what we created when a list made before does not have it', () => {
    const { store } = storeWithChanges();
    store.written(object('a', 3, 'ours'));
    store.replace([], '2');
    expect(store.get('a')).toBe('ours');
  });

  it('does not bring back a deleted object with a late answer', () => {
    const { store } = storeWithChanges();
    store.replace([object('a', 1)], '1');
    store.observe('DELETED', object('a', 4));
    store.written(object('a', 3));
    expect(store.get('a')).toBeUndefined();
  });

  it('keeps an object made again after a deletion', () => {
    const { store } = storeWithChanges();
    store.written(object('a', 5, 'new'));
    store.observe('DELETED', object('a', 4));
    expect(store.get('a')).toBe('new');
  });
});
