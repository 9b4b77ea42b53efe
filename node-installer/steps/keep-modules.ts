// Loads the kernel modules that a runtime needs, and has the host load them at each boot from then on.
// They stay loaded when the runtime goes: another program may have come to use them.
import type { VirtualizationFacts } from '../../crds/node-facts.ts';
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { FileChange } from '../engine/engine.ts';
import type { Host } from '../host/host.ts';

import { lastLine } from './dump-config.ts';
import { neededDevices, neededModules } from './kernel-needs.ts';
import { observeDevices, observeModules } from './observe-supplies.ts';
import { readText } from './read-files-now.ts';
import { refuseDevicesOf } from './refuse-needs.ts';
import { refuse, type Refusal } from './step.ts';
import { writeFiles } from './write-files.ts';

export type ModulePlan = {
  /** Not loaded now. */
  readonly load: readonly string[];
  /** What is read at boot; none when it is as it should be. */
  readonly file: FileChange | undefined;
};

export type Kept =
  | { readonly kind: 'Kept'; readonly changed: boolean }
  | { readonly kind: 'Refused'; readonly refusal: Refusal };

const madeFolder = '# The folder was made by Bulkhead, too.\n';

/** *Source*: modules-load.d(5). */
export function modulesPath(runtime: string): string {
  return `${hostPaths.modulesLoad}/bulkhead-${runtime}.conf`;
}

/** What is built into the kernel needs no loading at boot; what somebody loaded by hand does. */
export async function planModules(
  host: Host,
  { runtime, needs }: NodeTask,
  facts: { readonly kernel: string; readonly virtualization: VirtualizationFacts },
): Promise<ModulePlan> {
  const names = neededModules(needs, facts.virtualization);
  const states = names.length === 0 ? new Map() : await observeModules(host, facts.kernel, names);
  const load = names.filter((name) => states.get(name) === 'Loadable');
  const keep = names.filter((name) => states.get(name) === 'Loadable' || states.get(name) === 'Loaded');
  const path = modulesPath(runtime);
  const before = await readText(host, path);
  const isOurs = before?.includes(madeFolder) ?? (await host.stat(hostPaths.modulesLoad)) === undefined;
  const after = keep.length === 0 ? undefined : textOf(runtime, keep, isOurs);
  return { load, file: before === after ? undefined : { path, before, after, mode: 0o644 } };
}

/** *Guarantees*: writes and loads nothing where all is as needed. */
export async function keepModules(host: Host, task: NodeTask, facts: Parameters<typeof planModules>[2]): Promise<Kept> {
  const { load, file } = await planModules(host, task, facts);
  if (file) await writeFiles(host, [file]);
  for (const name of load) {
    const { exitCode, stdout, stderr } = await host.run([await modprobePath(host), name]);
    if (exitCode !== 0) return { kind: 'Refused', refusal: refuseLoading(name, lastLine(stderr || stdout)) };
  }
  const refusal = refuseDevicesOf(task.family, task.needs, await observeDevices(host, neededDevices(task.needs)));
  if (refusal) return { kind: 'Refused', refusal: { ...refusal, outcome: 'failed' } };
  return { kind: 'Kept', changed: file !== undefined || load.length > 0 };
}

/** At a removal. */
export async function forgetModules(host: Host, runtime: string): Promise<boolean> {
  const text = await readText(host, modulesPath(runtime));
  if (text === undefined) return false;
  await host.removeFile(modulesPath(runtime));
  if (text.includes(madeFolder)) await host.removeEmptyFolder(hostPaths.modulesLoad);
  return true;
}

/** The program that the kernel itself would call, since distributions put it in different places. */
async function modprobePath(host: Host): Promise<string> {
  return (await readText(host, '/proc/sys/kernel/modprobe'))?.trim() || '/sbin/modprobe';
}

function textOf(runtime: string, names: readonly string[], isOurs: boolean): string {
  const header = `# Written by Bulkhead for the SandboxRuntime ${runtime}, and removed with it.\n`;
  return `${header}${isOurs ? madeFolder : ''}${names.map((name) => `${name}\n`).join('')}`;
}

function refuseLoading(name: string, why: string): Refusal {
  const message = `Cannot load the kernel module ${name}: modprobe says "${why}".`;
  return refuse('failed', 'ModuleNotLoaded', message, `Look at the node's kernel log, and whether ${name} is blocked.`);
}
