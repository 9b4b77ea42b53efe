// A change to Docker's config as data: entries in the runtimes of daemon.json, and what must be remembered. Nothing is written.
import type { NodeTask } from '../../../crds/node-task.ts';
import type { FileChange } from '../engine.ts';
import { type DaemonJson, isBlank } from './daemon-json.ts';
import { dockerRuntime, isEntryOf } from './runtime-entry.ts';
import { dropEmptyRuntimes, editRuntimes, isWithoutSettings, newDaemonJson } from './runtimes-edit.ts';

/**
 * How daemon.json was before our first edit: `blank` is the text of a file without content, absent for no file or one with content;
 * `runtimes` is whether it had any of its own; `madeFolder` is the folder that we had to make for it.
 */
export type DaemonJsonRecord = {
  readonly file: 'absent' | 'blank' | 'present';
  readonly blank?: string;
  readonly runtimes: 'absent' | 'present';
  readonly madeFolder?: string;
};

/** A file as it is now. */
type FileNow = { readonly path: string; readonly text: string | undefined };

export type DockerNow = {
  readonly path: string;
  readonly config: DaemonJson;
  /** Says that the SandboxRuntime is in the config, also when Docker does not run. */
  readonly trace: FileNow;
  readonly record: FileNow;
  /** Absent when the folder of daemon.json is there. */
  readonly missingFolder: string | undefined;
};

/** *Guarantees*: empty when the config is as wanted. */
export function planDockerAddition(now: DockerNow, task: NodeTask, folder: string): FileChange[] {
  const { path, config, trace, record } = now;
  const set = Object.fromEntries(task.handlers.map((handler) => [handler.name, dockerRuntime(handler, folder)]));
  const drop = ownRuntimes(config, task.runtime).filter((name) => !(name in set));
  const text = hasContent(config.text) ? editRuntimes(config.text, { set, drop }) : newDaemonJson(set);
  return [
    change(record, record.text ?? `${JSON.stringify(recordOf(now))}\n`, 0o600),
    change(trace, `${JSON.stringify({ config: path })}\n`, 0o600),
    change({ path, text: config.text }, text, 0o644),
  ].filter(isChange);
}

/**
 * Leaves `runtimes` where it is, if only empty: dockerd forgets none at a reload of a file without the key.
 * {@link tidiedDaemonJson} is for afterwards. *Source*: moby `reloadPlatform`, `IsValueSet("runtimes")`.
 */
export function planDockerRemoval({ path, config, trace }: DockerNow, runtime: string, isLast: boolean): FileChange[] {
  const drop = ownRuntimes(config, runtime);
  const text = hasContent(config.text) ? editRuntimes(config.text, { set: {}, drop }) : config.text;
  return [
    change({ path, text: config.text }, text, 0o644),
    ...(isLast ? [] : [change(trace, undefined, 0o600)]),
  ].filter(isChange);
}

/** The file as it was before us, as far as nobody else has changed it: for when our last entry has gone. */
export function tidiedDaemonJson(text: string | undefined, record: DaemonJsonRecord | undefined): string | undefined {
  if (!hasContent(text) || !record || record.runtimes === 'present') return text;
  if (record.file === 'present' || !isWithoutSettings(text)) return dropEmptyRuntimes(text);
  return record.file === 'blank' ? record.blank : undefined;
}

export function ownRuntimes({ runtimes }: DaemonJson, runtime: string): string[] {
  return Object.entries(runtimes ?? {})
    .filter(([, entry]) => isEntryOf(runtime, entry))
    .map(([name]) => name);
}

/** `undefined` for what we did not write: then nothing but our entries is taken out. */
export function parseDaemonJsonRecord(text: string | undefined): DaemonJsonRecord | undefined {
  try {
    const record = JSON.parse(text ?? 'null') as Partial<DaemonJsonRecord> | null;
    return record?.file !== undefined && record.runtimes !== undefined ? (record as DaemonJsonRecord) : undefined;
  } catch {
    return undefined;
  }
}

function recordOf({ config: { text, runtimes }, missingFolder }: DockerNow): DaemonJsonRecord {
  if (text === undefined) {
    return {
      file: 'absent',
      runtimes: 'absent',
      ...(missingFolder === undefined ? {} : { madeFolder: missingFolder }),
    };
  }
  if (isBlank(text)) return { file: 'blank', blank: text, runtimes: 'absent' };
  return { file: 'present', runtimes: runtimes === undefined ? 'absent' : 'present' };
}

function hasContent(text: string | undefined): text is string {
  return text !== undefined && !isBlank(text);
}

function change({ path, text }: FileNow, after: string | undefined, mode: number): FileChange {
  return { path, before: text, after, mode };
}

function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}
