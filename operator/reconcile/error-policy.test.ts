import { describe, expect, it } from 'vitest';
import { KubeError } from '../kube/kube-error.ts';
import { errorPolicy } from './error-policy.ts';

describe('errorPolicy()', () => {
  it.each([
    ['looks again, quietly, when the object changed meanwhile', new KubeError('Conflict', ''), 1, 200, 'debug'],
    ['looks again, quietly, when the object has gone', new KubeError('NotFound', ''), 1, 200, 'debug'],
    ['waits for an API server that is away', new KubeError('Unavailable', ''), 3, 800, 'warn'],
    [
      'waits as long as the server asks for',
      new KubeError('TooManyRequests', '', { retryAfterMs: 7000 }),
      1,
      7000,
      'warn',
    ],
    ['calls for a person when a right is missing', new KubeError('Refused', ''), 1, 200, 'error'],
    ['calls for a person when the schema does not fit', new KubeError('Invalid', ''), 1, 200, 'error'],
    ['calls for a person on a bug, and tries it at most every five seconds', new TypeError('x'), 99, 10_000, 'error'],
  ])('%s', (_, error, failures, requeueAfterMs, level) => {
    expect(errorPolicy(error, failures, 1)).toEqual({ requeueAfterMs, level });
  });
});
