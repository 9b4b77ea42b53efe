// Keeps a store equal to the cluster for as long as it is told to, whatever happens to the API server; see watch-state.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient, Selection } from './client.ts';
import type { Resource } from './resource.ts';
import type { Store } from './store.ts';
import { onEnded, onListed, start, type WatchState } from './watch-state.ts';

export type WatchTarget = {
  readonly resource: Resource;
  readonly selection: Selection;
  readonly store: Pick<Store<unknown>, 'replace' | 'observe'>;
  readonly onTrouble: (error: unknown, retryInMs: number) => void;
};

type Source = Pick<KubeClient, 'list' | 'watch'>;

/** Runs until aborted; never throws otherwise. */
export async function keepWatching(client: Source, target: WatchTarget, signal: AbortSignal): Promise<void> {
  let state = start;
  while (!signal.aborted) state = await step(client, target, state, signal);
}

async function step(client: Source, target: WatchTarget, state: WatchState, signal: AbortSignal): Promise<WatchState> {
  switch (state.kind) {
    case 'Wait':
      await sleep(state.ms, undefined, { signal }).catch(() => undefined);
      return state.next;
    case 'List':
      return list(client, target, state, signal);
    case 'Watch':
      return watch(client, target, state, signal);
  }
}

async function list(
  client: Source,
  target: WatchTarget,
  state: WatchState & { kind: 'List' },
  signal: AbortSignal,
): Promise<WatchState> {
  try {
    const { items, resourceVersion } = await client.list(target.resource, target.selection, signal);
    target.store.replace(items, resourceVersion);
    return onListed(resourceVersion);
  } catch (error) {
    return afterError(target, state, error, signal);
  }
}

async function watch(
  client: Source,
  target: WatchTarget,
  from: WatchState & { kind: 'Watch' },
  signal: AbortSignal,
): Promise<WatchState> {
  let state = from;
  try {
    const { resourceVersion } = from;
    for await (const event of client.watch(target.resource, { ...target.selection, resourceVersion }, signal)) {
      if (event.type !== 'BOOKMARK') target.store.observe(event.type, event.object);
      const seen = event.object.metadata.resourceVersion ?? state.resourceVersion;
      state = { kind: 'Watch', resourceVersion: seen, failures: 0 };
    }
    return onEnded(state, undefined, Math.random());
  } catch (error) {
    return afterError(target, state, error, signal);
  }
}

function afterError(
  target: WatchTarget,
  state: WatchState & { kind: 'List' | 'Watch' },
  error: unknown,
  signal: AbortSignal,
): WatchState {
  const after = onEnded(state, error, Math.random());
  if (!signal.aborted && after.kind === 'Wait') target.onTrouble(error, after.ms);
  return after;
}
