// A change to a root config that a distribution writes: what is written elsewhere, and what the root becomes by it. Nothing is written.
import type { NodeTask } from '../../crds/node-task.ts';
import { type ConfigFile, type ConfigTree, importPatterns } from '../engine/containerd/config-tree.ts';
import { dropInText } from '../engine/containerd/drop-in.ts';
import { handlerTables } from '../engine/containerd/handler-tables.ts';
import { blockBody, blockOwners, removeBlock } from '../engine/containerd/managed-block.ts';
import { criPluginId, criPluginIdFor1 } from '../engine/containerd/plugin-id.ts';
import { predictRoot, setTemplateBlock } from '../engine/containerd/template-block.ts';
import type { FileChange } from '../engine/engine.ts';
import { othersBlocks } from './config-change.ts';
import type { DropInFile, OwnedFiles, TemplateFile } from './owned-files.ts';
import { recordPath, recordText, type RootRecord } from './root-record.ts';

export type WayIn =
  | { readonly kind: 'DropIn'; readonly dropIn: DropInFile }
  | { readonly kind: 'Template'; readonly template: TemplateFile }
  | { readonly kind: 'Closed' };

/**
 * A drop-in where the root imports its folder, or else a template.
 * A drop-in takes the place of the root's handlers on containerd 1.x. Who is in a template already stays there.
 */
export function wayIn({ tree: { root }, dropIns, templates, is1 }: OwnedFiles): WayIn {
  const isInTemplate = templates.some(({ text = '' }) => blockOwners(text).length > 0);
  const dropIn = dropIns.find(({ folder }) => root !== undefined && importsGlob(root, dropInGlob(folder)));
  if (dropIn && !is1 && !isInTemplate) return { kind: 'DropIn', dropIn };
  const template = templateInUse(templates, Number(root?.table['version'] ?? 1));
  return template && (template.text ?? template.initial) !== undefined
    ? { kind: 'Template', template }
    : { kind: 'Closed' };
}

/** The first that is there, or the one that takes the place of what is built in for the schema. */
function templateInUse(templates: readonly TemplateFile[], schema: number): TemplateFile | undefined {
  const there = templates.find(({ text }) => text !== undefined);
  return there ?? templates.find((template) => template.schema <= schema) ?? templates.at(-1);
}

export function dropInGlob(folder: string): string {
  return `${folder}/*.toml`;
}

/** In so many letters, since the candidate has the import of another folder in its place. */
function importsGlob(root: ConfigFile, glob: string): boolean {
  return importPatterns(root).includes(glob) && root.text.includes(glob);
}

/** *Guarantees*: empty when all is as wanted. What we must remember comes first. */
export function planOwnedAddition(now: OwnedFiles, way: WayIn, task: NodeTask, folder: string): FileChange[] {
  const { runtime, handlers } = task;
  const id = now.is1 ? criPluginIdFor1(now.tree) : criPluginId(now.tree);
  const dropIns = now.dropIns.map((dropIn) => {
    const isWay = way.kind === 'DropIn' && way.dropIn === dropIn;
    return changeOf(dropIn, isWay ? dropInText(runtime, handlers, folder, id) : undefined);
  });
  const templates = now.templates.map((template) => {
    const isWay = way.kind === 'Template' && way.template === template;
    const tables = handlerTables(handlers, folder, id);
    const text = template.text ?? template.initial ?? '';
    return changeOf(template, isWay ? setTemplateBlock(text, runtime, tables) : withoutUs(template, runtime));
  });
  const record = { ...recordOf(now, way), blocks: [...othersBlocks(now.record, runtime), runtime].toSorted() };
  return [changeOf(recordOn(now), recordText(record), 0o600), ...dropIns, ...templates].filter(isChange);
}

/** What we remember stays until all else is gone, so that a removal that was cut off is known as one. */
export function planOwnedRemoval(now: OwnedFiles, runtime: string): FileChange[] {
  const others = othersBlocks(now.record, runtime);
  const record = now.record && others.length > 0 ? recordText({ ...now.record, blocks: others }) : now.recordText;
  return [
    ...now.dropIns.map((dropIn) => changeOf(dropIn, undefined)),
    ...now.templates.map((template) => changeOf(template, withoutUs(template, runtime))),
    changeOf(recordOn(now), record, 0o600),
  ].filter(isChange);
}

/** What becomes of the root by itself when the files are changed. */
export function rootAfter({ rootPath, root }: ConfigTree, way: WayIn, files: readonly FileChange[]): FileChange[] {
  if (!root) return [];
  const template = way.kind === 'Template' ? textAfter(way.template, files) : '';
  return [changeOf({ path: rootPath, text: root.text }, predictRoot(root.text, template))].filter(isChange);
}

function textAfter({ path, text }: TemplateFile, files: readonly FileChange[]): string {
  const change = files.find((file) => file.path === path);
  return (change ? change.after : text) ?? '';
}

function recordOf({ record }: OwnedFiles, way: WayIn): RootRecord {
  if (record) return record;
  const isNewFolder = way.kind === 'DropIn' && !way.dropIn.folderIsThere;
  return { root: 'owned', ...(isNewFolder ? { madeFolder: way.dropIn.folder } : {}) };
}

function recordOn({ recordText: text }: OwnedFiles) {
  return { path: recordPath, text };
}

/** A template that only we wrote goes with its last block. */
function withoutUs({ text, initial }: TemplateFile, runtime: string): string | undefined {
  if (text === undefined || blockBody(text, `SandboxRuntime ${runtime}`) === undefined) return text;
  const rest = removeBlock(text, `SandboxRuntime ${runtime}`);
  return rest === initial ? undefined : rest;
}

type FileNow = { readonly path: string; readonly text: string | undefined };

function changeOf({ path, text }: FileNow, after: string | undefined, mode = 0o644): FileChange {
  return { path, before: text, after, mode };
}

function isChange({ before, after }: FileChange): boolean {
  return before !== after;
}
