// Leader election by a Lease: runs the work only while we hold it. What to do after a loss is the caller's business.
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseName } from '../../crds/names.ts';
import type { KubeClient, KubeObject } from './client.ts';
import { isKubeError } from './kube-error.ts';
import { decideLease, type LeaseSpec, type SeenLease } from './lease-decision.ts';
import { resources } from './resource.ts';

type Lease = KubeObject & { readonly spec?: LeaseSpec };

export type LeaseOptions = {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'update'>;
  readonly identity: string;
  /** Others wait this long after our last sign of life. We stop after two thirds of it. */
  readonly seconds: number;
  readonly onTrouble: (error: unknown) => void;
};

export type LeaseOutcome = 'Stopped' | 'Lost';

/**
 * Waits for the Lease, runs the work while it is ours, and gives it up at the end.
 * *Guarantees*: the work's signal aborts before anyone else can hold the Lease, and the Lease is given up only after
 * the work has ended.
 */
export async function whileLeading(
  options: LeaseOptions,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<LeaseOutcome> {
  const lease = new LeaseHolder(options);
  while (!(await lease.tryToHold(signal))) {
    await sleep((options.seconds * 1000) / 6, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return 'Stopped';
  }
  const leading = new AbortController();
  const working = work(AbortSignal.any([signal, leading.signal]));
  const ended = working.finally(() => leading.abort());
  const outcome = await keepHolding(lease, options, AbortSignal.any([signal, leading.signal]));
  leading.abort();
  await ended;
  if (outcome === 'Stopped') await lease.release();
  return outcome;
}

async function keepHolding(lease: LeaseHolder, options: LeaseOptions, signal: AbortSignal): Promise<LeaseOutcome> {
  const deadlineMs = (options.seconds * 1000 * 2) / 3;
  let renewedAt = Date.now();
  while (!signal.aborted) {
    await sleep((options.seconds * 1000) / 7.5, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const tryAt = Date.now();
    const left = AbortSignal.timeout(Math.max(1, renewedAt + deadlineMs - tryAt));
    if (await lease.tryToHold(AbortSignal.any([signal, left]))) renewedAt = tryAt;
    else if (lease.heldByOther || Date.now() - renewedAt >= deadlineMs) return signal.aborted ? 'Stopped' : 'Lost';
  }
  return 'Stopped';
}

class LeaseHolder {
  readonly #options: LeaseOptions;
  #seen: SeenLease | undefined;
  heldByOther = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Takes or renews the Lease if nobody else holds it. Never throws. */
  async tryToHold(signal: AbortSignal): Promise<boolean> {
    const { identity, seconds, onTrouble } = this.#options;
    try {
      await this.#look(signal);
      const decision = decideLease(this.#seen, identity, seconds, Date.now());
      this.heldByOther = decision.kind === 'Wait';
      if (decision.kind === 'Wait') return false;
      await this.#write(decision.spec, signal);
      return true;
    } catch (error) {
      // Another was faster: look again at the next turn.
      if (!isKubeError(error, 'Conflict', 'AlreadyExists') && !signal.aborted) onTrouble(error);
      return false;
    }
  }

  /** Lets a successor start at once. Best effort. */
  async release(): Promise<void> {
    const spec = { ...this.#seen?.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    await this.#write(spec, AbortSignal.timeout(5000)).catch(this.#options.onTrouble);
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      this.#remember(await this.#options.client.get(resources.leases, leaseName, signal));
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
      this.#seen = undefined;
    }
  }

  async #write(spec: LeaseSpec, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const resourceVersion = this.#seen?.resourceVersion;
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: leaseName, ...(resourceVersion && { resourceVersion }) },
      spec,
    };
    const written = resourceVersion
      ? await client.update(resources.leases, leaseName, lease, signal)
      : await client.create(resources.leases, lease, signal);
    this.#remember(written);
  }

  #remember({ metadata, spec = {} }: Lease): void {
    const resourceVersion = metadata.resourceVersion ?? '';
    const unchanged = this.#seen?.resourceVersion === resourceVersion;
    this.#seen = { spec, resourceVersion, unchangedSinceMs: unchanged ? this.#seen!.unchangedSinceMs : Date.now() };
  }
}
