// Whether to take, renew or wait for the Lease, from what it says; does no I/O.

export type LeaseSpec = {
  readonly holderIdentity?: string | undefined;
  readonly leaseDurationSeconds?: number | undefined;
  readonly acquireTime?: string | undefined;
  readonly renewTime?: string | undefined;
  readonly leaseTransitions?: number | undefined;
};

/** A Lease that others may hold, and since when we have seen it unchanged by our own clock. */
export type SeenLease = {
  readonly spec: LeaseSpec;
  readonly resourceVersion: string;
  readonly unchangedSinceMs: number;
};

export type LeaseDecision = { readonly kind: 'Take'; readonly spec: LeaseSpec } | { readonly kind: 'Wait' };

/**
 * *Guarantees*: never trusts another machine's clock: a holder is gone once its Lease has not changed for its duration
 * by *our* clock.
 */
export function decideLease(
  seen: SeenLease | undefined,
  identity: string,
  seconds: number,
  nowMs: number,
): LeaseDecision {
  const spec = seen?.spec;
  const holder = spec?.holderIdentity;
  const patienceMs = (spec?.leaseDurationSeconds ?? seconds) * 1000;
  const expired = seen !== undefined && nowMs - seen.unchangedSinceMs >= patienceMs;
  if (holder && holder !== identity && !expired) return { kind: 'Wait' };
  const now = new Date(nowMs).toISOString().replace('Z', '000Z');
  const kept = holder === identity;
  return {
    kind: 'Take',
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: seconds,
      acquireTime: kept ? spec?.acquireTime : now,
      renewTime: now,
      leaseTransitions: (spec?.leaseTransitions ?? 0) + (kept ? 0 : 1),
    },
  };
}
