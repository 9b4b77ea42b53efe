import { describe, expect, it } from 'vitest';
import { KubeError } from './kube-error.ts';
import { onEnded, onListed, start, type WatchState } from './watch-state.ts';

const watching = { kind: 'Watch', resourceVersion: '7', failures: 0 } as const;
const cut = new KubeError('Unavailable', 'cut');
const gone = new KubeError('Gone', 'too old');

describe('onEnded()', () => {
  it('goes on from the same resourceVersion when the server ends a watch', () => {
    expect(onEnded(watching, undefined, 1)).toEqual({ kind: 'Wait', ms: 200, next: watching });
  });

  it('waits and goes on from the same resourceVersion after a cut', () => {
    expect(onEnded(watching, cut, 1)).toEqual({ kind: 'Wait', ms: 200, next: { ...watching, failures: 1 } });
  });

  it('lists again when the resourceVersion is too old', () => {
    expect(onEnded(watching, gone, 1)).toEqual({ kind: 'Wait', ms: 200, next: { kind: 'List', failures: 1 } });
  });

  it('lists again after a list that failed', () => {
    expect(onEnded({ kind: 'List', failures: 2 }, cut, 1)).toMatchObject({ ms: 800, next: { kind: 'List' } });
  });

  it('waits longer with each failure in a row', () => {
    const waits: number[] = [];
    let state: WatchState = start;
    for (let i = 0; i < 4; i++) {
      const next: WatchState = onEnded(state as typeof watching, cut, 1);
      if (next.kind !== 'Wait') throw new Error('expected Wait');
      waits.push(next.ms);
      state = next.next;
    }
    expect(waits).toEqual([200, 400, 800, 1600]);
  });

  it('waits at least as long as the server asks for', () => {
    const busy = new KubeError('TooManyRequests', 'busy', { retryAfterMs: 5000 });
    expect(onEnded(watching, busy, 1)).toMatchObject({ ms: 5000 });
  });
});

describe('onListed()', () => {
  it('watches from the state that was listed', () => {
    expect(onListed('9')).toEqual({ kind: 'Watch', resourceVersion: '9', failures: 0 });
  });
});
