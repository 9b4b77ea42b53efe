// Judges CRI-O's config by CRI-O's own print of it (`crio config`): what a candidate loses and what it does not bring.
import type { HandlerTask } from '../../../crds/node-task.ts';
import { tableAt, type Toml } from '../toml.ts';
import { crioHandler, crioHandlers } from './config-files.ts';
import { handlerSettings } from './drop-in.ts';

/**
 * Handlers beside ours that a candidate would take away or change. One that no file defines may leave the print unharmed:
 * CRI-O prints no table of runtimes when only its own default one is left.
 */
export function strayHandlers(
  before: Toml,
  after: Toml,
  { ours, defined }: { readonly ours: readonly string[]; readonly defined: readonly string[] },
): string[] {
  const left = crioHandlers(after);
  return crioHandlers(before)
    .filter((name) => !ours.includes(name) && (left.includes(name) || defined.includes(name)))
    .filter((name) => settingsIn(before, name) !== settingsIn(after, name));
}

/**
 * What CRI-O reads of a handler's table. Its print puts more below the last handler: settings that belong to none.
 * *Source*: CRI-O `RuntimeHandler`; `templateStringCrioRuntime…` prints tables before plain keys. Seen on 1.34.0.
 */
const handlerKeys = new Set([
  'runtime_path',
  'runtime_type',
  'runtime_root',
  'runtime_config_path',
  'runtime_pull_image',
  'inherit_default_runtime',
  'privileged_without_host_devices',
  'allowed_annotations',
  'default_annotations',
  'platform_runtime_paths',
  'container_min_memory',
  'monitor_path',
  'monitor_cgroup',
  'monitor_exec_cgroup',
  'monitor_env',
  'no_sync_log',
]);

function settingsIn(print: Toml, name: string): string {
  return JSON.stringify(Object.entries(crioHandler(print, name)).filter(([key]) => handlerKeys.has(key)));
}

/** *Source*: CRI-O 1.34 `template.go` leaves it out of its print. */
const unprinted = 'runtime_pull_image';

/** The settings of a handler that the merged config does not have as they were written. */
export function unmetCrioSettings(print: Toml, handler: HandlerTask, folder: string): string[] {
  const table = crioHandler(print, handler.name);
  return Object.entries(handlerSettings(handler, folder))
    .filter(([key, value]) => table[key] !== value && key !== unprinted)
    .map(([key]) => key);
}

/** The default handler's program where the config names one: without it CRI-O does not start, and `crio config` does not look. */
export function defaultRuntimePath(print: Toml): string | undefined {
  const name = tableAt(print, 'crio', 'runtime')['default_runtime'];
  const path = typeof name === 'string' ? crioHandler(print, name)['runtime_path'] : undefined;
  return typeof path === 'string' && path !== '' ? path : undefined;
}
