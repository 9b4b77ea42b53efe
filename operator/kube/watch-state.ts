// The states of a list-and-watch loop and what leads from one to the next; does no I/O.
import { backOffMs } from './back-off.ts';
import { isKubeError } from './kube-error.ts';

/**
 * ```
 *            listed
 *   List ──────────────▶ Watch(rv) ◀──────┐
 *    ▲ │                  │   │           │
 *    │ │ failed  410 Gone │   │ ended, cut, 5xx
 *    │ ▼                  │   ▼           │
 *   Wait(next List) ◀─────┘  Wait(next Watch rv)
 * ```
 * `failures` counts tries in a row that brought nothing; an event sets it back.
 */
export type WatchState =
  | { readonly kind: 'List'; readonly failures: number }
  | { readonly kind: 'Watch'; readonly resourceVersion: string; readonly failures: number }
  | { readonly kind: 'Wait'; readonly ms: number; readonly next: WatchState };

export const start: WatchState = { kind: 'List', failures: 0 };

export function onListed(resourceVersion: string): WatchState {
  return { kind: 'Watch', resourceVersion, failures: 0 };
}

/** After a watch or list that ended with an error, or a watch that the server ended (no error). */
export function onEnded(state: WatchState & { kind: 'List' | 'Watch' }, error: unknown, random: number): WatchState {
  // A short wait here too: a proxy that ends every watch at once must not make us spin.
  if (error === undefined) return { kind: 'Wait', ms: backOffMs(1, random), next: { ...state, failures: 0 } };
  const failures = state.failures + 1;
  const ms = Math.max(backOffMs(failures, random), retryAfterMs(error));
  const relist = state.kind === 'List' || isKubeError(error, 'Gone');
  return { kind: 'Wait', ms, next: relist ? { kind: 'List', failures } : { ...state, failures } };
}

function retryAfterMs(error: unknown): number {
  return isKubeError(error, 'TooManyRequests', 'Unavailable') ? (error.retryAfterMs ?? 0) : 0;
}
