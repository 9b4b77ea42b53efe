import { describe, expect, it } from 'vitest';
import { decideLease, type LeaseSpec } from './lease-decision.ts';

const seen = (spec: LeaseSpec, unchangedSinceMs: number) => ({ spec, resourceVersion: '1', unchangedSinceMs });
const theirs = { holderIdentity: 'other', leaseDurationSeconds: 15, leaseTransitions: 3 };

describe('decideLease()', () => {
  it('takes a Lease that does not exist', () => {
    expect(decideLease(undefined, 'me', 15, 0)).toMatchObject({ kind: 'Take', spec: { holderIdentity: 'me' } });
  });

  it('takes a Lease that was given up', () => {
    expect(decideLease(seen({ holderIdentity: '' }, 0), 'me', 15, 1).kind).toBe('Take');
  });

  it('waits while another holds it', () => {
    expect(decideLease(seen(theirs, 0), 'me', 15, 14_999)).toEqual({ kind: 'Wait' });
  });

  it('takes it, and counts that, once it has not changed for its duration', () => {
    const decision = decideLease(seen(theirs, 0), 'me', 15, 15_000);
    expect(decision).toMatchObject({ kind: 'Take', spec: { holderIdentity: 'me', leaseTransitions: 4 } });
  });

  it('pays no attention to what the holder says the time is', () => {
    expect(decideLease(seen({ ...theirs, renewTime: '1970-01-01T00:00:00Z' }, 0), 'me', 15, 1).kind).toBe('Wait');
  });

  it('renews its own without a transition', () => {
    const mine = { ...theirs, holderIdentity: 'me', acquireTime: '2026-01-01T00:00:00Z' };
    expect(decideLease(seen(mine, 0), 'me', 15, 5000)).toMatchObject({
      spec: { acquireTime: '2026-01-01T00:00:00Z', leaseTransitions: 3, renewTime: '1970-01-01T00:00:05.000000Z' },
    });
  });
});
