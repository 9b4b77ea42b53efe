// The dead man's switch: the host puts a config change back by itself unless somebody says in time that it holds.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import type { Host } from '../host/host.ts';
import type { FileChange } from '../engine/engine.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { lastLine } from './dump-config.ts';
import { refusalOf } from './no-disk-space.ts';
import { readText } from './read-files-now.ts';
import { patienceMs } from './restart-engine.ts';
import { refuse, type Refusal } from './step.ts';
import {
  armedPath,
  bytesPath,
  type Saved,
  savedPath,
  scriptPath,
  scriptText,
  servicePath,
  serviceText,
  switchName,
  timerPath,
  timerText,
  undoDelaySeconds,
} from './undo-files.ts';

export type Armed =
  /**
   * `saved` is what a rollback has to restore: also what a change that was cut off had changed before.
   * `isLeft`: there was such a change.
   */
  | { readonly kind: 'Armed'; readonly saved: readonly Saved[]; readonly isLeft: boolean }
  | { readonly kind: 'Refused'; readonly refusal: Refusal };

/** *Guarantees*: when it returns `Armed`, all that is needed to put the files back is on the disk, also over a power failure. */
export async function armSwitch(host: Host, engine: ObservedEngine, files: readonly FileChange[]): Promise<Armed> {
  const isLeft = await isArmed(host);
  const before = isLeft ? await savedBefore(host) : [];
  const known = new Set(before.map(({ path }) => path));
  const saved = [
    ...before,
    ...files.filter(({ path }) => !known.has(path)).map(({ path, before: text }) => ({ path, before: text })),
  ];
  const refusal = await refusalOf(async () => {
    await writeUndo(host, saved, engine);
    const failure = await startTimer(host);
    if (!failure) await write(host, armedPath, '');
    return failure;
  });
  if (!refusal) return { kind: 'Armed', saved, isLeft };
  if (!isLeft) await takeAway(host);
  return { kind: 'Refused', refusal: { ...refusal, message: `${refusal.message} The config is as it was.` } };
}

async function startTimer(host: Host): Promise<Refusal | undefined> {
  for (const words of [
    ['enable', `${switchName}.service`],
    ['restart', `${switchName}.timer`],
  ]) {
    const { exitCode, stderr } = await host.systemctl(words);
    if (exitCode === 0) continue;
    const message = `Cannot arm the dead man's switch: systemctl ${words.join(' ')} failed (${lastLine(stderr)}).`;
    return refuse('failed', 'SwitchNotArmed', message, 'Look at the systemd of the node.');
  }
  return undefined;
}

/** The change holds, or is undone: from the first write on, the switch does nothing. */
export async function disarmSwitch(host: Host): Promise<void> {
  await host.removeFile(armedPath);
  await takeAway(host);
}

/** For a node that is as it should be: takes away what an installer that was cut off has left. */
export async function disarmLeftSwitch(host: Host): Promise<void> {
  if (await host.stat(hostPaths.undo)) await disarmSwitch(host);
}

async function isArmed(host: Host): Promise<boolean> {
  return (await host.stat(armedPath)) !== undefined;
}

async function takeAway(host: Host): Promise<void> {
  await host.systemctl(['stop', `${switchName}.timer`]);
  await host.systemctl(['disable', `${switchName}.service`]);
  await host.removeFile(timerPath);
  await host.removeFile(servicePath);
  await host.systemctl(['daemon-reload']);
  await host.removeTree(hostPaths.undo);
  await host.removeEmptyFolder(hostPaths.state);
}

async function writeUndo(host: Host, saved: readonly Saved[], engine: ObservedEngine): Promise<void> {
  await host.makeFolder(hostPaths.state, 0o700);
  await host.makeFolder(hostPaths.undo, 0o700);
  for (const [index, { before }] of saved.entries()) {
    if (before !== undefined) await write(host, bytesPath(index), before);
  }
  await write(host, scriptPath, scriptText(saved, engine));
  await write(
    host,
    savedPath,
    JSON.stringify(saved.map(({ path, before }) => ({ path, isThere: before !== undefined }))),
  );
  await host.makeFolder(dirname(servicePath), 0o755);
  await host.replace(servicePath, encode(serviceText(engine.unit)), 0o644);
  await host.replace(timerPath, encode(timerText(undoDelaySeconds(patienceMs(engine.restartsKubelet)))), 0o644);
}

/** What an armed switch would put back. */
async function savedBefore(host: Host): Promise<Saved[]> {
  const files = JSON.parse((await readText(host, savedPath)) ?? '[]') as { path: string; isThere: boolean }[];
  return Promise.all(
    files.map(async ({ path, isThere }, index) => ({
      path,
      before: isThere ? await readText(host, bytesPath(index)) : undefined,
    })),
  );
}

function write(host: Host, path: string, text: string): Promise<void> {
  return host.replace(path, encode(text), 0o600);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
