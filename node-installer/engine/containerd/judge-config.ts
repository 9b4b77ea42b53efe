// Judges containerd's config by containerd's own merged view (`config dump`) and by what that view does not show.
import type { TomlTable } from 'smol-toml';
import type { HandlerTask } from '../../../crds/node-task.ts';
import { tableAt } from '../toml.ts';
import type { ConfigTree } from './config-tree.ts';
import { handlerOptions, handlerSettings } from './handler-tables.ts';
import { platformsPath, runtimesPath } from './plugin-id.ts';

const criPlugins = ['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images'];

/** The plugins that make the CRI and that the config turns off. `config dump` shows their settings all the same. */
export function disabledCriPlugins(dump: TomlTable): string[] {
  const disabled: unknown = dump['disabled_plugins'];
  return Array.isArray(disabled) ? criPlugins.filter((id) => disabled.includes(id)) : [];
}

export function handlersInDump(dump: TomlTable): string[] {
  return Object.keys(runtimesIn(dump));
}

/** The `runtime_type` of a handler. */
export function handlerType(dump: TomlTable, handler: string): string | undefined {
  const type = tableAt(runtimesIn(dump), handler)['runtime_type'];
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/**
 * What would keep containerd or its CRI from starting although `config dump` succeeds, one sentence each.
 * *Source*: containerd `loadConfigFile` (a missing plain import is fatal) and `internal/cri/config` (the default runtime must exist).
 */
export function hiddenProblems(tree: ConfigTree, dump: TomlTable): string[] {
  const missing = tree.missingImports.map((path) => `it imports ${path}, which is not there`);
  const defaultRuntime = tableAt(dump, ...runtimesPath(dump).slice(0, -1))['default_runtime_name'];
  const isUnknown =
    typeof defaultRuntime === 'string' && defaultRuntime !== '' && !(defaultRuntime in runtimesIn(dump));
  return [...missing, ...(isUnknown ? [`its default runtime ${defaultRuntime} is not among its runtimes`] : [])];
}

/**
 * What a candidate changes beside the named handlers, as paths into the merged config.
 * `imports` and `version` are left out: the dump shows the files' own there. An option that is empty is one that is not there:
 * options are a shim's, and the dump prints them as they are written.
 */
export function strayChanges(before: TomlTable, after: TomlTable, handlers: readonly string[]): string[] {
  const [old, now] = [leaves(before), leaves(after)];
  const tables = [runtimesPath(after), platformsPath];
  const own = handlers.flatMap((name) => tables.map((table) => pathText([...table, name])));
  const isOwn = (path: string) => own.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path) && !isEmptyOption(path, old.get(path), now.get(path)))
    .filter((path) => !isOwn(path) && path !== 'version' && path !== 'imports');
}

function isEmptyOption(path: string, ...values: readonly (string | undefined)[]): boolean {
  const isEmpty = (value: string | undefined) =>
    value === undefined || ['""', '0', 'false', '[]', '{}'].includes(value);
  return /\.options(\.|$)/.test(path) && values.every(isEmpty);
}

/** The settings of a handler that the merged config does not have as they were written. */
export function unmetSettings(dump: TomlTable, handler: HandlerTask, folder: string): string[] {
  const table = tableAt(runtimesIn(dump), handler.name);
  const unmet = (got: TomlTable, wanted: Record<string, unknown>) =>
    Object.keys(wanted).filter((key) => JSON.stringify(got[key]) !== JSON.stringify(wanted[key]));
  return [
    ...unmet(table, handlerSettings(handler, folder)),
    ...unmet(tableAt(table, 'options'), handlerOptions(handler, folder)).map((key) => `options.${key}`),
  ];
}

function runtimesIn(dump: TomlTable): TomlTable {
  return tableAt(dump, ...runtimesPath(dump));
}

/** Every value by its path; an empty table counts as a value, so that one that comes or goes is seen. */
function leaves(table: TomlTable, path: readonly string[] = [], into = new Map<string, string>()): Map<string, string> {
  for (const [key, value] of Object.entries(table)) {
    const below = [...path, key];
    const isTable = typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
    if (isTable && Object.keys(value).length > 0) leaves(value, below, into);
    else into.set(pathText(below), text(value));
  }
  return into;
}

function pathText(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
