// A change to containerd's config as data: whole files, old and new. What is here is planned; nothing is written.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { ConfigTree } from '../engine/containerd/config-tree.ts';
import { criPluginId, dropInText } from '../engine/containerd/drop-in.ts';
import { addImport, hasImport, newRoot, removeImport } from '../engine/containerd/import-edit.ts';
import type { FileChange } from '../engine/engine.ts';
import type { RootRecord } from './root-record.ts';
import { originalPath, recordPath, recordText } from './root-record.ts';

export function dropInPath(runtime: string): string {
  return `${hostPaths.containerdDropIns}/${runtime}.toml`;
}

export const dropInGlob = `${hostPaths.containerdDropIns}/*.toml`;

/** Schema of a root file that we make: the newest that every containerd 2.x reads. */
const newRootSchema = 3;

export type FilesNow = {
  readonly tree: ConfigTree;
  readonly dropIn: string | undefined;
  /** What we remember of our edit of the root file. */
  readonly record: RootRecord | undefined;
  readonly recordText: string | undefined;
  readonly original: string | undefined;
};

/**
 * The files that differ from what the task wants, in the order in which they are to be written.
 * *Guarantees*: empty when the config is as wanted. What we must remember is written first, the root file last.
 */
export function planAddition(now: FilesNow, task: NodeTask, folder: string, rootFolderIsThere: boolean): FileChange[] {
  const { tree, dropIn } = now;
  const root = tree.root?.text;
  const newText = root === undefined ? newRoot(newRootSchema, dropInGlob) : addImport(root, dropInGlob);
  const dropInNow = dropInText(task.runtime, task.handlers, folder, criPluginId(tree));
  const record = plannedRecord(now, newText, rootFolderIsThere);
  return [
    { path: originalPath, before: now.original, after: record.original, mode: 0o600 },
    { path: recordPath, before: now.recordText, after: record.text, mode: 0o600 },
    { path: dropInPath(task.runtime), before: dropIn, after: dropInNow, mode: 0o644 },
    { path: tree.rootPath, before: root, after: newText, mode: 0o644 },
  ].filter(isChange);
}

/**
 * `isLast`: no other SandboxRuntime has a drop-in on the node, so the import goes as well.
 * What we remember stays until all else is gone, so that a removal that was cut off is known as one.
 */
export function planRemoval(now: FilesNow, runtime: string, isLast: boolean): FileChange[] {
  const { tree, dropIn, record } = now;
  const root = tree.root?.text;
  const dropInChange = { path: dropInPath(runtime), before: dropIn, after: undefined, mode: 0o644 };
  if (!isLast) return [dropInChange].filter(isChange);
  const rootChange = { path: tree.rootPath, before: root, after: rootWithoutUs(root, record), mode: 0o644 };
  return [rootChange, dropInChange].filter(isChange);
}

/** An import that was there before us stays; a file that we made and nobody has changed goes. */
function rootWithoutUs(root: string | undefined, record: RootRecord | undefined): string | undefined {
  if (root === undefined || record?.root === 'found') return root;
  if (record?.root === 'created' && root === newRoot(newRootSchema, dropInGlob)) return undefined;
  return removeImport(root, dropInGlob);
}

function plannedRecord(now: FilesNow, newText: string, rootFolderIsThere: boolean) {
  const root = now.tree.root?.text;
  if (root === newText && now.record) return { text: now.recordText, original: now.original };
  const folder = dirname(now.tree.rootPath);
  if (root === undefined) {
    const record: RootRecord = { root: 'created', ...(rootFolderIsThere ? {} : { madeFolder: folder }) };
    return { text: recordText(record), original: undefined };
  }
  const found = hasImport(root, dropInGlob);
  return { text: recordText({ root: found ? 'found' : 'edited' }), original: found ? undefined : root };
}

function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}
