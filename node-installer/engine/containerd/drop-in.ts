// The text of our drop-in for containerd 2.x, and the form that the node's own files call for.
// Source: a drop-in without `version` is taken as of the root's version by every 2.x; the plugin id has to be the one under
// which the files keep their runtimes, or 2.0 to 2.2 lose one side's handlers.
import type { HandlerTask } from '../../../crds/node-task.ts';
import { folderPlaceholder } from '../../../crds/node-task.ts';
import { type ConfigTree, filesOf, tableAt } from './config-tree.ts';

export const criPluginIds = {
  /** Schema 2. */
  old: 'io.containerd.grpc.v1.cri',
  /** Schema 3 and 4. */
  new: 'io.containerd.cri.v1.runtime',
} as const;

export type DropInForm = { readonly pluginId: string; readonly version?: number };

/** *Guarantees*: the version, where there is one, is that of no root: 2.3 refuses a drop-in above its root. */
export function dropInForm(tree: ConfigTree): DropInForm {
  if (!tree.root) return { pluginId: criPluginIds.new };
  const version = tree.root.table['version'];
  if (version === undefined) return { pluginId: criPluginIds.old, version: 2 };
  const uses = (id: string) => filesOf(tree).some(({ table }) => hasRuntimes(table, id));
  const isOld = version === 2 && uses(criPluginIds.old) && !uses(criPluginIds.new);
  return { pluginId: isOld ? criPluginIds.old : criPluginIds.new };
}

/** The handlers of one SandboxRuntime; `folder` is where its payload is on the host. */
export function dropInText(
  runtime: string,
  handlers: readonly HandlerTask[],
  folder: string,
  form: DropInForm,
): string {
  const header = `# Written by Bulkhead for the SandboxRuntime ${runtime}, and removed with it. Changes here are overwritten.\n`;
  const version = form.version === undefined ? '' : `version = ${form.version}\n`;
  return header + version + handlers.map((handler) => handlerText(handler, folder, form.pluginId)).join('');
}

/** The keys of a handler's table as the drop-in sets them. */
export function handlerSettings(handler: HandlerTask, folder: string): Record<string, unknown> {
  return {
    runtime_type: handler.runtimeType,
    ...(handler.runtimePath === undefined ? {} : { runtime_path: `${folder}/${handler.runtimePath}` }),
    ...(handler.podAnnotations.length === 0 ? {} : { pod_annotations: handler.podAnnotations }),
  };
}

export function handlerOptions(handler: HandlerTask, folder: string): Record<string, string | boolean | number> {
  const entries = Object.entries(handler.options).map(
    ([key, value]) => [key, typeof value === 'string' ? value.replaceAll(folderPlaceholder, folder) : value] as const,
  );
  return Object.fromEntries(entries);
}

/** The names of the handlers that a file defines, under either plugin id. */
export function handlersOf(table: Parameters<typeof tableAt>[0]): string[] {
  return Object.values(criPluginIds).flatMap((id) => Object.keys(runtimesAt(table, id)));
}

function handlerText(handler: HandlerTask, folder: string, pluginId: string): string {
  const table = `plugins.${quote(pluginId)}.containerd.runtimes.${quote(handler.name)}`;
  const options = handlerOptions(handler, folder);
  const optionsText = Object.keys(options).length === 0 ? '' : tableText(`${table}.options`, options);
  return tableText(table, handlerSettings(handler, folder)) + optionsText;
}

function tableText(name: string, values: Record<string, unknown>): string {
  return `\n[${name}]\n${Object.entries(values)
    .map(([key, value]) => `${/^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key)} = ${valueText(value)}\n`)
    .join('')}`;
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(valueText).join(', ')}]` : quote(value);
}

/** JSON's strings, numbers and booleans are TOML's, but for DEL. */
function quote(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}

function hasRuntimes(table: Parameters<typeof tableAt>[0], pluginId: string): boolean {
  return Object.keys(runtimesAt(table, pluginId)).length > 0;
}

function runtimesAt(table: Parameters<typeof tableAt>[0], pluginId: string) {
  return tableAt(table, 'plugins', pluginId, 'containerd', 'runtimes');
}
