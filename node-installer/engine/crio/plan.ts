// A change to CRI-O's config as data: one drop-in per SandboxRuntime, and what must be remembered of it. Nothing is written.
import type { NodeTask } from '../../../crds/node-task.ts';
import type { FileChange } from '../engine.ts';
import { crioHandler, crioHandlers } from './config-files.ts';
import { dropInText } from './drop-in.ts';
import { parseToml } from '../toml.ts';

/** A file as it is now. */
type FileNow = { readonly path: string; readonly text: string | undefined };

export type CrioNow = {
  readonly dropIn: FileNow;
  /** Says where the drop-in is, also when CRI-O does not run. */
  readonly record: FileNow;
  /** Says that we had to make the drop-in folder. */
  readonly madeFolder: FileNow;
  readonly dropInFolder: { readonly path: string; readonly isThere: boolean };
};

/** *Guarantees*: empty when the config is as wanted. `held` handlers of ours stay although the task has them no more. */
export function planCrioAddition(
  { dropIn, record, madeFolder, dropInFolder }: CrioNow,
  task: NodeTask,
  folder: string,
  held: readonly string[],
): FileChange[] {
  const wanted = task.handlers.map(({ name }) => name);
  const kept = held
    .filter((name) => !wanted.includes(name))
    .map((name) => [name, ownTable(dropIn.text, name)] as const);
  return [
    change(madeFolder, dropInFolder.isThere ? madeFolder.text : `${dropInFolder.path}\n`, 0o600),
    change(record, `${JSON.stringify({ dropIn: dropIn.path })}\n`, 0o600),
    change(dropIn, dropInText(task.runtime, task.handlers, folder, Object.fromEntries(kept)), 0o644),
  ].filter(isChange);
}

/** What is remembered by the last SandboxRuntime stays until all else is gone, so that a removal that was cut off is known as one. */
export function planCrioRemoval({ dropIn, record }: CrioNow, isLast: boolean): FileChange[] {
  return [change(dropIn, undefined, 0o644), ...(isLast ? [] : [change(record, undefined, 0o600)])].filter(isChange);
}

export function ownCrioHandlers(text: string | undefined): string[] {
  return crioHandlers(parseToml(text ?? ''));
}

/** Plain values are all that we write. */
function ownTable(text: string | undefined, name: string): Record<string, string | boolean> {
  const entries = Object.entries(crioHandler(parseToml(text ?? ''), name)).filter(
    (entry): entry is [string, string | boolean] => ['string', 'boolean'].includes(typeof entry[1]),
  );
  return Object.fromEntries(entries);
}

function change({ path, text }: FileNow, after: string | undefined, mode: number): FileChange {
  return { path, before: text, after, mode };
}

function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}
