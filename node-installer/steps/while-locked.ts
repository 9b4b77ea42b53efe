// Keeps other installers, and the dead man's switch, off the host while a step changes it.
import type { Host } from '../host/host.ts';
import { refuse, type StepResult } from './step.ts';

/** An engine restart and a rollback fit into it. */
export const lockWaitMs = 120_000;

/** *Guarantees*: what `work` observes and changes, no other installer changes meanwhile. */
export async function whileLocked(host: Host, work: () => Promise<StepResult>): Promise<StepResult> {
  const release = await host.lock(lockWaitMs);
  if (!release) return refuseLocked;
  try {
    return await work();
  } finally {
    await release();
  }
}

const refuseLocked = refuse(
  'failed',
  'NodeLocked',
  `Cannot change the node: another installer has held its lock for ${lockWaitMs / 1000} s.`,
  'It is tried again; look for an installer pod on the node that hangs.',
);
