// A change to containerd's config as data: whole files, old and new. What is here is planned; nothing is written.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { ConfigTree } from '../engine/containerd/config-tree.ts';
import { dropInText } from '../engine/containerd/drop-in.ts';
import { handlerTables } from '../engine/containerd/handler-tables.ts';
import { addImport, hasImport, removeImport } from '../engine/containerd/import-edit.ts';
import { blockOwners, removeBlock, setBlock } from '../engine/containerd/managed-block.ts';
import { criPluginId, criPluginIdFor1 } from '../engine/containerd/plugin-id.ts';
import type { FileChange } from '../engine/engine.ts';
import type { RootRecord } from './root-record.ts';
import { originalPath, recordPath, recordText } from './root-record.ts';

export function dropInPath(runtime: string): string {
  return `${hostPaths.containerdDropIns}/${runtime}.toml`;
}

export const dropInGlob = `${hostPaths.containerdDropIns}/*.toml`;

export type FilesNow = {
  readonly tree: ConfigTree;
  readonly rootFolderIsThere: boolean;
  readonly dropIn: string | undefined;
  /** What we remember of our edits of the root file. */
  readonly record: RootRecord | undefined;
  readonly recordText: string | undefined;
  readonly original: string | undefined;
};

/** What our part of the config is to be: a drop-in and the root file that imports it (2.x), or a block in the root file (1.x). */
export type Wanted = {
  readonly root: string;
  readonly dropIn: string | undefined;
  readonly blocks: readonly string[];
};

/** The schema of a root file that we make is the newest that every 2.x reads. */
export function wantedDropIn({ tree, record }: FilesNow, task: NodeTask, folder: string): Wanted {
  const { runtime, handlers } = task;
  return {
    root: addImport(withoutBlock(tree.root?.text ?? 'version = 3\n', record, runtime), dropInGlob),
    dropIn: dropInText(runtime, handlers, folder, criPluginId(tree)),
    blocks: othersBlocks(record, runtime),
  };
}

/**
 * `defaults` are the tables that keep what the engine has as long as no file names a runtime.
 * *Errors*: for a root file that `blockObstacle` has something against.
 */
export function wantedBlock(now: FilesNow, task: NodeTask, folder: string, defaults: string | undefined): Wanted {
  const { tree, record } = now;
  const { runtime, handlers } = task;
  const text = tree.root?.text ?? 'version = 2\n';
  const base =
    defaults === undefined ? removeBlock(text, 'default runtimes') : setBlock(text, 'default runtimes', defaults);
  const body = handlerTables(handlers, folder, criPluginIdFor1(tree));
  const root = base === undefined ? undefined : setBlock(base, `SandboxRuntime ${runtime}`, body);
  if (root === undefined) throw new Error(`Cannot add a block to ${tree.rootPath}: it cannot take one.`);
  return { root, dropIn: undefined, blocks: [...othersBlocks(record, runtime), runtime].toSorted() };
}

/**
 * The files that differ from what is wanted, in the order in which they are to be written.
 * *Guarantees*: empty when the config is as wanted. What we must remember is written first, the root file last.
 */
export function planAddition(now: FilesNow, runtime: string, wanted: Wanted): FileChange[] {
  const record = plannedRecord(now, wanted.blocks);
  return [
    { path: originalPath, before: now.original, after: record.original, mode: 0o600 },
    { path: recordPath, before: now.recordText, after: record.text, mode: 0o600 },
    { path: dropInPath(runtime), before: now.dropIn, after: wanted.dropIn, mode: 0o644 },
    { path: now.tree.rootPath, before: now.tree.root?.text, after: wanted.root, mode: 0o644 },
  ].filter(isChange);
}

/**
 * `isLast`: no other SandboxRuntime is in the config, so the import goes as well.
 * What we remember stays until all else is gone, so that a removal that was cut off is known as one.
 */
export function planRemoval(now: FilesNow, runtime: string, isLast: boolean): FileChange[] {
  const { tree, dropIn, record } = now;
  const root = tree.root?.text;
  const rest = record && { ...record, blocks: othersBlocks(record, runtime) };
  const recordAfter = isLast || !rest ? now.recordText : recordText(rest);
  return [
    { path: tree.rootPath, before: root, after: rootWithoutUs(root, record, runtime, isLast), mode: 0o644 },
    { path: dropInPath(runtime), before: dropIn, after: undefined, mode: 0o644 },
    { path: recordPath, before: now.recordText, after: recordAfter, mode: 0o600 },
  ].filter(isChange);
}

/** SandboxRuntimes other than this one that have a block in the root file. */
export function othersBlocks(record: RootRecord | undefined, runtime: string): readonly string[] {
  return (record?.blocks ?? []).filter((name) => name !== runtime);
}

/** An import that was there before us stays; a file that we made and nobody has changed goes. */
function rootWithoutUs(
  root: string | undefined,
  record: RootRecord | undefined,
  runtime: string,
  isLast: boolean,
): string | undefined {
  if (root === undefined) return undefined;
  const text = withoutBlock(root, record, runtime);
  if (!isLast || record?.root === 'found') return text;
  const bare = removeImport(text, dropInGlob);
  return record?.root === 'created' && /^version = \d\n$/.test(bare) ? undefined : bare;
}

/** The engine's own runtimes are kept for as long as a SandboxRuntime has a block. */
function withoutBlock(root: string, record: RootRecord | undefined, runtime: string): string {
  const text = removeBlock(root, `SandboxRuntime ${runtime}`);
  return othersBlocks(record, runtime).length === 0 ? removeBlock(text, 'default runtimes') : text;
}

/** Once anything of ours is in the root file, what it was before stays as it was written down then. */
function plannedRecord(now: FilesNow, blocks: readonly string[]) {
  const { tree, record, original, rootFolderIsThere } = now;
  const root = tree.root?.text;
  const rootRecord = (planned: RootRecord, text: string | undefined) => ({
    text: recordText({ ...planned, blocks }),
    original: text,
  });
  if (root === undefined) {
    const folder = rootFolderIsThere ? {} : { madeFolder: dirname(tree.rootPath) };
    return rootRecord({ root: 'created', ...folder }, undefined);
  }
  const isImported = hasImport(root, dropInGlob);
  if (!isImported && blockOwners(root).length === 0) return rootRecord({ root: 'edited' }, root);
  if (record) return rootRecord(record, original);
  return rootRecord({ root: isImported ? 'found' : 'edited' }, undefined);
}

function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}
