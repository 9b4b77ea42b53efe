// What becomes of a key whose reconciliation threw: when it is tried again and who needs to know.
import { backOffMs } from '../kube/back-off.ts';
import { isKubeError } from '../kube/kube-error.ts';

export type Verdict = {
  readonly requeueAfterMs: number;
  /** debug: part of the game; warn: will pass; error: a person must act. */
  readonly level: 'debug' | 'warn' | 'error';
};

/** @param failures in a row, this one included */
export function errorPolicy(error: unknown, failures: number, random: number): Verdict {
  const requeueAfterMs = backOffMs(failures, random);
  // The object changed or went while we looked at it: look again.
  if (isKubeError(error, 'Conflict', 'NotFound', 'AlreadyExists')) return { requeueAfterMs, level: 'debug' };
  if (isKubeError(error, 'Unavailable', 'TooManyRequests', 'Gone')) {
    return { requeueAfterMs: Math.max(requeueAfterMs, error.retryAfterMs ?? 0), level: 'warn' };
  }
  return { requeueAfterMs, level: 'error' };
}
