// Puts a config change in place, restarts the engine on it, and puts the old bytes back when it does not hold.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import type { Host } from '../host/host.ts';
import type { FileChange } from '../engine/engine.ts';
import { armSwitch, disarmSwitch } from './dead-mans-switch.ts';
import { drivers } from './drivers/driver-of.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { type Expected, restartEngine } from './restart-engine.ts';
import { refuse, type StepResult } from './step.ts';
import type { Saved } from './undo-files.ts';

export type Change = {
  readonly files: readonly FileChange[];
  readonly expected: Expected;
  /** Handlers that the CRI listed before, and that must be back after a rollback. */
  readonly listedBefore: readonly string[];
};

/**
 * *Guarantees*: at any instant each file is wholly old or wholly new. One restart when the change holds, two when it does not;
 * afterwards the engine runs on the new config or on the old one. Should we die in between, the host undoes the change by itself.
 */
export async function applyChange(host: Host, engine: ObservedEngine, change: Change): Promise<StepResult> {
  const armed = await armSwitch(host, engine.unit, change.files);
  if (armed.kind === 'Refused') return armed.refusal;
  await writeFiles(host, change.files);
  const after = await restartEngine(host, engine, change.expected);
  if (after.kind === 'Up') {
    await disarmSwitch(host);
    return { outcome: 'done', engineRestarts: 1 };
  }
  await writeFiles(host, armed.saved.toReversed().map(restored));
  const back = await restartEngine(host, engine, { present: change.listedBefore, absent: [] });
  await disarmSwitch(host);
  await removeEmptyFolders(host);
  const told = `Cannot keep the changed config of ${engine.kind}: with it, ${after.why}.`;
  if (back.kind === 'Up') {
    const message = `${told} The old config is back and the engine runs on it.`;
    return {
      ...refuse('rolledBack', after.reason, message, `Look at the log of ${engine.unit} on the node.`),
      engineRestarts: 2,
    };
  }
  const message = `${told} The old config is back, but with it ${back.why}.`;
  const hint = `The node needs help: look at the log of ${engine.unit} on it.`;
  return { ...refuse('failed', 'EngineDown', message, hint), engineRestarts: 2 };
}

/** Folders of ours that nothing is in any more. */
async function removeEmptyFolders(host: Host): Promise<void> {
  for (const folder of drivers.flatMap(({ ownFolders }) => ownFolders)) await host.removeEmptyFolder(folder);
  await host.removeEmptyFolder(hostPaths.state);
}

type WrittenFile = Pick<FileChange, 'path' | 'after' | 'mode'>;

/** In order, each file as a whole. */
export async function writeFiles(host: Host, files: readonly WrittenFile[]): Promise<void> {
  for (const { path, after, mode } of files) {
    // In order: what must be remembered is on the disk before what depends on it.
    if (after === undefined) {
      await host.removeFile(path);
      continue;
    }
    const folder = dirname(path);
    await host.makeFolder(folder, folder === hostPaths.state ? 0o700 : 0o755);
    await host.replace(path, new TextEncoder().encode(after), mode);
  }
}

/** A file that is back had its mode before; one that we made goes. */
function restored({ path, before }: Saved): WrittenFile {
  return { path, after: before, mode: 0o644 };
}
