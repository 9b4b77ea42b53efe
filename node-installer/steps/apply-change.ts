// Puts a config change in place, restarts the engine on it, and puts the old bytes back when it does not hold.
import type { FileChange } from '../engine/engine.ts';
import type { Host } from '../host/host.ts';
import type { Written } from './await-reload.ts';
import { armSwitch, disarmSwitch } from './dead-mans-switch.ts';
import { refusalOf } from './no-disk-space.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { type Expected, restartEngine, type Restarted, restartsOf } from './restart-engine.ts';
import { refuse, type Refusal, type StepResult } from './step.ts';
import type { Saved } from './undo-files.ts';
import { missingFolders, putBack, writeFiles } from './write-files.ts';

export type Change = {
  readonly files: readonly FileChange[];
  readonly expected: Expected;
  /** Handlers that the CRI listed before, and that must be back after a rollback. */
  readonly listedBefore: readonly string[];
};

/**
 * *Guarantees*: at any instant each file is wholly old or wholly new. One restart when the change holds, two when it does not,
 * none when the disk does not take it; afterwards the engine runs on the new config or on the old one.
 * Should we die in between, or the disk not take the old bytes back, the host undoes the change by itself.
 */
export async function applyChange(host: Host, engine: ObservedEngine, change: Change): Promise<StepResult> {
  const missing = await missingFolders(host, change.files);
  const armed = await armSwitch(host, engine, change.files);
  if (armed.kind === 'Refused') return armed.refusal;
  const written = { sinceMs: host.nowMs(), paths: change.files.map(({ path }) => path) };
  const unwritten = await refusalOf(() => writeFiles(host, change.files));
  // What was cut off before us may have been read by the engine.
  const failure = unwritten
    ? { ...unwritten, restarts: 0, wasRead: armed.isLeft }
    : await restartOnto(host, engine, change.expected, written);
  if (failure) return rollBack(host, engine, { ...change, ...armed, missing, failure });
  await disarmSwitch(host);
  return { outcome: 'done', engineRestarts: restartsOf(engine) };
}

/** Why a change does not hold, and what the engine has seen of it. */
type Failure = Refusal & { readonly restarts: number; readonly wasRead: boolean };

async function restartOnto(
  host: Host,
  engine: ObservedEngine,
  expected: Expected,
  written: Written,
): Promise<Failure | undefined> {
  const after = await restartEngine(host, engine, expected, written);
  if (after.kind === 'Up') return undefined;
  const message = `Cannot keep the changed config of ${engine.kind}: with it, ${after.why}.`;
  const hint = `Look at the log of ${engine.unit} on the node.`;
  return { ...refuse('rolledBack', after.reason, message, hint), restarts: restartsOf(engine), wasRead: true };
}

type Undo = Change & {
  readonly saved: readonly Saved[];
  readonly missing: readonly string[];
  readonly failure: Failure;
};

async function rollBack(
  host: Host,
  engine: ObservedEngine,
  { saved, missing, listedBefore, failure }: Undo,
): Promise<StepResult> {
  const written = { sinceMs: host.nowMs(), paths: saved.map(({ path }) => path) };
  const stuck = await refusalOf(() => putBack(host, saved));
  if (stuck) return refuseStuck(failure, stuck);
  const expected = { present: listedBefore, absent: [] };
  const back: Restarted = failure.wasRead ? await restartEngine(host, engine, expected, written) : { kind: 'Up' };
  await disarmSwitch(host);
  for (const folder of missing) await host.removeEmptyFolder(folder);
  return rolledBack(engine, failure, back);
}

function rolledBack(engine: ObservedEngine, { reason, message, hint, restarts, wasRead }: Failure, back: Restarted) {
  if (!wasRead) return refuse('failed', reason, `${message} The config is as it was.`, hint);
  const engineRestarts = restarts + restartsOf(engine);
  if (back.kind === 'Up') {
    const told = `${message} The old config is back and the engine runs on it.`;
    return { ...refuse('rolledBack', reason, told, hint), engineRestarts };
  }
  const told = `${message} The old config is back, but with it ${back.why}.`;
  return {
    ...refuse('failed', 'EngineDown', told, `The node needs help: look at the log of ${engine.unit} on it.`),
    engineRestarts,
  };
}

/** The switch stays armed. */
function refuseStuck({ message, restarts }: Failure, { reason, message: because, hint }: Refusal): StepResult {
  const told = `${message} The old config cannot be put back: ${because} The node tries it again and again by itself.`;
  return { ...refuse('failed', reason, told, hint), engineRestarts: restarts };
}
