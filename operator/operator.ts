// The operator as a function: leads when it may, watches and reconciles while it leads. Knows no process and no environment.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Family } from '../runtime/family.ts';
import type { KubeClient } from './kube/client.ts';
import { whileLeading } from './kube/lease.ts';
import { emptyCluster, synced, watchCluster } from './reconcile/cluster.ts';
import type { Settings } from './reconcile/context.ts';
import { runController } from './reconcile/controller.ts';
import { writerTo } from './reconcile/writer.ts';

export type OperatorOptions = {
  readonly client: KubeClient;
  readonly settings: Settings;
  readonly catalogue: readonly Family[];
  readonly identity: string;
  readonly leaseSeconds: number;
  readonly log: Logger;
  readonly nowMs: () => number;
};

/** Runs until aborted. Whenever the Lease is lost it stops writing, forgets everything, and stands by again. */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { client, identity, leaseSeconds, log } = options;
  const onTrouble = (error: unknown) => log.warn({ err: error }, 'lease not renewed');
  const lease = { client, identity, seconds: leaseSeconds, onTrouble };
  while (!signal.aborted) {
    const outcome = await whileLeading(lease, (leading) => lead(options, leading), signal);
    if (outcome === 'Lost') log.warn({ reason: 'LeaseLost' }, 'standing by');
  }
}

async function lead({ client, settings, catalogue, log, nowMs }: OperatorOptions, signal: AbortSignal): Promise<void> {
  log.info('leading');
  const cluster = emptyCluster();
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const writer = writerTo(client, cluster, hash, log, signal);
  const onTrouble = (kind: string, error: unknown, retryInMs: number) =>
    log.warn({ kind, err: error, retryInMs }, 'watch interrupted');
  const watching = watchCluster(client, cluster, onTrouble, signal);
  void synced(cluster).then(() => log.debug('synced'));
  await runController({ cluster, writer, settings, catalogue, hash, log, nowMs }, signal);
  await watching;
  log.info('no longer leading');
}
