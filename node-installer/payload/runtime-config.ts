// A runtime's own config file as part of a payload: what it names there, and how it reads once the payload lies elsewhere. Pure.
import { parse, stringify, type TomlTable, type TomlValue } from 'smol-toml';
import type { HandlerTask } from '../../crds/node-task.ts';
import { UnfitPayload } from './unfit-payload.ts';

export type NamedFiles = {
  /** The runtime does not work without. */
  readonly needed: readonly string[];
  /** In lists of what is allowed, or for a feature that is off. */
  readonly possible: readonly string[];
};

/**
 * The files of the payload that a config names.
 * *Errors*: throws for what is no TOML.
 * @param root folder that the payload was made for
 */
export function namedFiles(path: string, text: string, root: string): NamedFiles {
  const named = { needed: new Set<string>(), possible: new Set<string>() };
  walk(parseConfig(path, text), root, named);
  return { needed: [...named.needed], possible: [...named.possible] };
}

/** The config with every path in the payload as it is in `folder`; comments and all else stay. */
export function relocateConfig(text: string, root: string, folder: string): string {
  return text.replaceAll(`${root}/`, `${folder}/`);
}

type Additions = NonNullable<NonNullable<HandlerTask['config']>['additions']>;

/** TOML to be laid over a config, with its own values and the added ones. */
export function additionsText(path: string, text: string, additions: Additions): string {
  const base = parseConfig(path, text);
  const overlay: TomlTable = {};
  for (const { at, kind, values } of additions) {
    const old = valueAt(base, at);
    setAt(overlay, at, kind === 'list' ? joinLists(old, values) : joinWords(old, values));
  }
  return `${stringify(overlay)}\n`;
}

/**
 * TOML to be laid over a config that says where kubelet's folder is, with where it is on this node.
 * *Source*: Kata's Go shim knows ConfigMap and Secret volumes, whose changes it passes on to the guest, by that path (`runtime.kubelet_root_dir`).
 */
export function kubeletRootText(path: string, text: string, kubeletRoot: string): string | undefined {
  const at = ['runtime', 'kubelet_root_dir'];
  const configured = valueAt(parseConfig(path, text), at);
  if (typeof configured !== 'string' || configured === kubeletRoot) return undefined;
  const overlay: TomlTable = {};
  setAt(overlay, at, kubeletRoot);
  return `${stringify(overlay)}\n`;
}

function joinLists(old: unknown, values: readonly string[]): string[] {
  const there = Array.isArray(old) ? old.filter((value) => typeof value === 'string') : [];
  return [...new Set([...there, ...values])];
}

function joinWords(old: unknown, values: readonly string[]): string {
  return [...(typeof old === 'string' && old !== '' ? [old] : []), ...values].join(' ');
}

function valueAt(table: TomlTable, [key = '', ...rest]: readonly string[]): unknown {
  const value = table[key];
  return rest.length === 0 || !isTable(value) ? value : valueAt(value, rest);
}

function setAt(table: TomlTable, [key = '', ...rest]: readonly string[], value: TomlValue): void {
  if (rest.length === 0) {
    table[key] = value;
    return;
  }
  const below = table[key];
  const inner: TomlTable = isTable(below) ? below : {};
  table[key] = inner;
  setAt(inner, rest, value);
}

type Named = { readonly needed: Set<string>; readonly possible: Set<string> };

function walk(table: TomlTable, root: string, named: Named): void {
  for (const [key, value] of Object.entries(table)) {
    if (typeof value === 'string') add(isUsed(key, table) ? named.needed : named.possible, value, root);
    else if (Array.isArray(value)) walkList(value, root, named);
    else if (isTable(value)) walk(value, root, named);
  }
}

/** A list of tables has settings like any table; one of strings says what is allowed. */
function walkList(list: readonly unknown[], root: string, named: Named): void {
  for (const value of list) {
    if (typeof value === 'string') add(named.possible, value, root);
    else if (isTable(value)) walk(value, root, named);
  }
}

function add(paths: Set<string>, value: string, root: string): void {
  if (value.startsWith(`${root}/`)) paths.add(value.slice(root.length + 1).replace(/\/+$/, ''));
}

/** *Source*: Kata starts `virtio_fs_daemon` only for these values of `shared_fs`; confidential guests share nothing. */
function isUsed(key: string, table: TomlTable): boolean {
  const sharedFs = table['shared_fs'];
  return (
    key !== 'virtio_fs_daemon' || sharedFs === undefined || sharedFs === 'virtio-fs' || sharedFs === 'virtio-fs-nydus'
  );
}

function parseConfig(path: string, text: string): TomlTable {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new UnfitPayload('PayloadBroken', `Cannot use the config ${path} of the payload: ${why}.`, undefined, error);
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
