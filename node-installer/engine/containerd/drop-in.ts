// The text of our drop-in for containerd 2.x, and the plugin id that the node's own files call for.
// Source: tried on 2.0 to 2.4. A drop-in without `version` is taken as of the root's, whatever that is; with one, it is refused
// above the root's (2.3), loses handlers below it (2.0 to 2.2), or revives settings of a root without `version` that are ignored.
import type { HandlerTask } from '../../../crds/node-task.ts';
import { folderPlaceholder } from '../../../crds/node-task.ts';
import { quote, tableAt, tableText, type Toml } from '../toml.ts';
import { type ConfigTree, filesOf } from './config-tree.ts';

export const criPluginIds = {
  /** Schema 2. */
  old: 'io.containerd.grpc.v1.cri',
  /** Schema 3 and 4. */
  new: 'io.containerd.cri.v1.runtime',
} as const;

/**
 * The id under which the files keep their runtimes: 2.0 to 2.2 see only one of the two in a root of schema 2.
 * A root without `version` is read as if it had no CRI settings there, and the new id joins it.
 */
export function criPluginId(tree: ConfigTree): string {
  const uses = (id: string) => filesOf(tree).some(({ table }) => hasRuntimes(table, id));
  const isOld = tree.root?.table['version'] === 2 && uses(criPluginIds.old) && !uses(criPluginIds.new);
  return isOld ? criPluginIds.old : criPluginIds.new;
}

/** The handlers of one SandboxRuntime; `folder` is where its payload is on the host. */
export function dropInText(
  runtime: string,
  handlers: readonly HandlerTask[],
  folder: string,
  pluginId: string,
): string {
  const header = `# Written by Bulkhead for the SandboxRuntime ${runtime}, and removed with it. Changes here are overwritten.\n`;
  return header + handlers.map((handler) => handlerText(handler, folder, pluginId)).join('');
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
export function handlersOf(table: Toml): string[] {
  return Object.values(criPluginIds).flatMap((id) => Object.keys(runtimesAt(table, id)));
}

function handlerText(handler: HandlerTask, folder: string, pluginId: string): string {
  const table = `plugins.${quote(pluginId)}.containerd.runtimes.${quote(handler.name)}`;
  const options = handlerOptions(handler, folder);
  const optionsText = Object.keys(options).length === 0 ? '' : tableText(`${table}.options`, options);
  return tableText(table, handlerSettings(handler, folder)) + optionsText;
}

function hasRuntimes(table: Toml, pluginId: string): boolean {
  return Object.keys(runtimesAt(table, pluginId)).length > 0;
}

function runtimesAt(table: Toml, pluginId: string) {
  return tableAt(table, 'plugins', pluginId, 'containerd', 'runtimes');
}
