// What a reconciler needs of the world: the cluster as seen, a way to write, settings, a clock.
import type { Logger } from 'pino';
import type { Family } from '../../runtime/family.ts';
import type { Hash } from '../plan/revision.ts';
import type { Cluster } from './cluster.ts';
import type { Writer } from './writer.ts';

export type Settings = {
  readonly installerImage: string;
  readonly payloadRepository: string;
  readonly pauseImage: string;
  /** Environment variables by which nodes download. */
  readonly proxy?: Readonly<Record<string, string>>;
};

export type Context = {
  readonly cluster: Cluster;
  readonly writer: Writer;
  readonly settings: Settings;
  readonly catalogue: readonly Family[];
  readonly hash: Hash;
  readonly log: Logger;
  readonly nowMs: () => number;
};

/** What to do with a key after it was reconciled. */
export type Action = { readonly requeueAfterMs: number } | { readonly awaitChange: true };

export const awaitChange: Action = { awaitChange: true };

/** As Kubernetes writes times. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
