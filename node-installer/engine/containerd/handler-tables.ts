// The tables of handlers as containerd's config has them, in text and as values. Where the text goes is not decided here.
import type { HandlerTask } from '../../../crds/node-task.ts';
import { folderPlaceholder } from '../../../crds/node-task.ts';
import { quote, tableText } from '../toml.ts';
import { criPluginIds, platformsPath } from './plugin-id.ts';

/** Each table with an empty line before it; `folder` is where the payload is on the host. */
export function handlerTables(handlers: readonly HandlerTask[], folder: string, pluginId: string): string {
  return handlers.map((handler) => handlerText(handler, folder, pluginId)).join('');
}

/** The keys of a handler's table as we set them. */
export function handlerSettings(handler: HandlerTask, folder: string): Record<string, unknown> {
  const { runtimeType, runtimePath, podAnnotations, containerAnnotations = [] } = handler;
  const { privilegedWithoutHostDevices, snapshotter } = handler;
  return {
    runtime_type: runtimeType,
    ...(runtimePath === undefined ? {} : { runtime_path: `${folder}/${runtimePath}` }),
    ...(privilegedWithoutHostDevices ? { privileged_without_host_devices: true } : {}),
    ...(podAnnotations.length === 0 ? {} : { pod_annotations: podAnnotations }),
    ...(containerAnnotations.length === 0 ? {} : { container_annotations: containerAnnotations }),
    ...(snapshotter === undefined ? {} : { snapshotter }),
  };
}

export function handlerOptions(handler: HandlerTask, folder: string): Record<string, string | boolean | number> {
  const entries = Object.entries(handler.options).map(
    ([key, value]) => [key, typeof value === 'string' ? value.replaceAll(folderPlaceholder, folder) : value] as const,
  );
  return Object.fromEntries(entries);
}

function handlerText(handler: HandlerTask, folder: string, pluginId: string): string {
  const table = `plugins.${quote(pluginId)}.containerd.runtimes.${quote(handler.name)}`;
  const options = handlerOptions(handler, folder);
  const optionsText = Object.keys(options).length === 0 ? '' : tableText(`${table}.options`, options);
  return tableText(table, handlerSettings(handler, folder)) + optionsText + platformText(handler, pluginId);
}

/** *Source*: containerd 2.0 to 2.3 unpack a handler's images by this table; 2.4 fills it in from the handler's own. */
function platformText({ name, snapshotter }: HandlerTask, pluginId: string): string {
  if (snapshotter === undefined || pluginId !== criPluginIds.new) return '';
  return tableText([...platformsPath, name].map(quote).join('.'), { snapshotter });
}
