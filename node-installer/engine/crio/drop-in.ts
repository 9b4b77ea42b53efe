// The text of our drop-in for CRI-O, and what CRI-O cannot run.
// Source: crio.conf(5) and CRI-O `pkg/config`, read at v1.34.0.
import { folderPlaceholder, type HandlerTask } from '../../../crds/node-task.ts';
import type { Obstacle } from '../engine.ts';
import { tableText } from '../toml.ts';

/**
 * After what packages bring (`10-crio.conf`) and before `99-…`, where admins have the last word.
 * No more hangs on it, since handlers of one name in two files are refused.
 */
export function dropInName(runtime: string): string {
  return `90-bulkhead-${runtime}.conf`;
}

/** `kept` are tables of handlers that the SandboxRuntime has no more and that a sandbox may still live from. */
export function dropInText(
  runtime: string,
  handlers: readonly HandlerTask[],
  folder: string,
  kept: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): string {
  const header = `# Written by Bulkhead for the SandboxRuntime ${runtime}, and removed with it. Changes here are overwritten.\n`;
  const tables = [
    ...handlers.map((handler) => [handler.name, handlerSettings(handler, folder)] as const),
    ...Object.entries(kept),
  ];
  return header + tables.map(([name, values]) => tableText(`crio.runtime.runtimes.${name}`, values)).join('');
}

/**
 * The keys of a handler's table. A shim gets its folder for state from its runtime's own habit.
 * `allowed_annotations` is left out: it takes names of CRI-O's own only, and all others reach the runtime anyway.
 */
export function handlerSettings(handler: HandlerTask, folder: string): Record<string, string | boolean> {
  const binary = ociBinary(handler);
  if (binary !== undefined) {
    return { runtime_path: inFolder(binary, folder), runtime_type: 'oci', runtime_root: `/run/${handler.name}` };
  }
  const config = handler.options['ConfigPath'];
  return {
    runtime_path: `${folder}/${handler.runtimePath ?? ''}`,
    runtime_type: 'vm',
    runtime_root: '/run/vc',
    ...(typeof config === 'string' ? { runtime_config_path: inFolder(config, folder) } : {}),
    privileged_without_host_devices: true,
    ...(handler.pullsInGuest ? { runtime_pull_image: true } : {}),
  };
}

/**
 * Why CRI-O would leave a handler out, or not get a container of it to run.
 * *Source*: CRI-O `RuntimeTypeVMBinaryPattern`: a shim's file is named `containerd-shim-<what>-v2`.
 */
export function unfitForCrio(handler: HandlerTask): Obstacle | undefined {
  if (ociBinary(handler) !== undefined) return undefined;
  const shim = handler.runtimePath?.split('/').at(-1);
  if (shim !== undefined && /containerd-shim-([a-zA-Z0-9\-+])+-v2/.test(shim)) return undefined;
  const what =
    shim === undefined ? `${handler.runtimeType} is no runtime of the payload` : `its shim is called ${shim}`;
  return {
    reason: 'EngineCannotRun',
    message: `Cannot run ${handler.name} with CRI-O: ${what}, and CRI-O runs only shims called containerd-shim-…-v2.`,
    hint: 'Use another family on nodes with CRI-O, or keep them out by spec.nodes.selector.',
  };
}

/** An OCI runtime, which containerd would run through its shim for runc. */
function ociBinary({ runtimeType, options }: HandlerTask): string | undefined {
  const binary = options['BinaryName'];
  return runtimeType === 'io.containerd.runc.v2' && typeof binary === 'string' ? binary : undefined;
}

function inFolder(path: string, folder: string): string {
  return path.replaceAll(folderPlaceholder, folder);
}
