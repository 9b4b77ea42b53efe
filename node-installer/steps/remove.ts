// Takes a runtime off the node: refuses while sandboxes run, then config, then files, until nothing of ours is left.
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { parseToml } from '../engine/containerd/config-tree.ts';
import { handlersOf } from '../engine/containerd/drop-in.ts';
import { handlersInDump } from '../engine/containerd/judge-config.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { applyChange, writeFiles } from './apply-change.ts';
import { checkConfig } from './check-config.ts';
import { type FilesNow, planRemoval } from './config-change.ts';
import { disarmLeftSwitch } from './dead-mans-switch.ts';
import { forgetLoaded } from './engine-loaded.ts';
import { dropInPath } from './handler-conflict.ts';
import { type ObservedEngine, observeEngine } from './observe-engine.ts';
import { readFilesNow, readText } from './read-files-now.ts';
import { rememberLoaded } from './remember-loaded.ts';
import { originalPath, recordPath } from './root-record.ts';
import { refuse, type Refusal, type StepContext, type StepResult, whileLocked } from './step.ts';
import { type Candidate, discardCandidate, tryCandidate } from './try-candidate.ts';

export async function remove({ host, task }: StepContext): Promise<StepResult> {
  if (!(await isOnNode(host, task))) return { outcome: 'unchanged' };
  return whileLocked(host, async () => {
    const blocked = await refuseInUse(host, task);
    if (blocked) return blocked;
    const config = await removeFromConfig(host, task);
    if (config.outcome !== 'done' && config.outcome !== 'unchanged') return config;
    // A sandbox may have started until the handler was gone.
    const restarts = { engineRestarts: config.engineRestarts ?? 0 };
    const stillUsed = await refuseInUse(host, task);
    if (stillUsed) return { ...stillUsed, ...restarts };
    const hadFolder = (await host.stat(runtimeFolder(task.runtime))) !== undefined;
    await host.removeTree(runtimeFolder(task.runtime));
    await host.removeEmptyFolder(hostPaths.prefix);
    return { outcome: hadFolder ? 'done' : config.outcome, ...restarts };
  });
}

/** Also the little that a removal which was cut off has left. */
async function isOnNode(host: Host, task: NodeTask): Promise<boolean> {
  const own = [dropInPath(task.runtime), runtimeFolder(task.runtime)];
  const shared = [hostPaths.state, hostPaths.containerdDropIns, hostPaths.prefix];
  const traces = (await isLast(host, task)) ? [...own, ...shared] : own;
  return (await Promise.all(traces.map((path) => host.stat(path)))).some((trace) => trace !== undefined);
}

async function refuseInUse(host: Host, { runtime, force }: NodeTask): Promise<Refusal | undefined> {
  const folder = runtimeFolder(runtime);
  const users = force ? [] : usersOf(await host.processes(), folder);
  if (users.length === 0) return undefined;
  const message = `Cannot remove ${runtime}: ${countOf(users)} from ${folder} (${pidsOf(users)}).`;
  const hint = 'Delete the pods that use it, or set spec.removal.policy to Force.';
  return refuse('blocked', 'SandboxesRunning', message, hint);
}

function countOf({ length }: readonly HostProcess[]): string {
  return length === 1 ? '1 process on the node runs' : `${length} processes on the node run`;
}

function pidsOf(users: readonly HostProcess[]): string {
  const pids = users.map(({ pid }) => pid);
  if (pids.length === 1) return `PID ${pids[0]}`;
  return `PIDs ${pids.slice(0, 5).join(', ')}${pids.length > 5 ? ', …' : ''}`;
}

/** A program that replaced its own name is still known by its file, and the other way round. */
function usersOf(processes: readonly HostProcess[], folder: string): HostProcess[] {
  return processes.filter(({ exe = '', argv }) => [exe, argv[0] ?? ''].some((path) => path.startsWith(`${folder}/`)));
}

async function removeFromConfig(host: Host, task: NodeTask): Promise<StepResult> {
  const isInConfig = (await readText(host, dropInPath(task.runtime))) ?? (await readText(host, recordPath));
  const engine = await observeEngine(host, await host.processes());
  if (!engine) return isInConfig === undefined ? { outcome: 'unchanged' } : refuseWithoutEngine(task);
  await discardCandidate(host, engine.configPath);
  const checked = await checkConfig(host, engine, 'failed');
  if (checked.kind === 'Unsound') return isInConfig === undefined ? { outcome: 'unchanged' } : checked.refusal;
  const now = await readFilesNow(host, checked.tree, task.runtime);
  const last = await isLast(host, task);
  const removed = await changeConfig(host, task, { engine, checked, now, last });
  if (removed.outcome === 'done' || removed.outcome === 'unchanged') await tidy(host, engine, now, last);
  return removed;
}

type Removal = {
  readonly engine: ObservedEngine;
  readonly checked: Candidate['checked'];
  readonly now: FilesNow;
  readonly last: boolean;
};

async function changeConfig(host: Host, task: NodeTask, { engine, checked, now, last }: Removal): Promise<StepResult> {
  const files = planRemoval(now, task.runtime, last);
  const handlers = [...new Set([...handlersOf(parseToml(now.dropIn ?? '')), ...task.handlers.map(({ name }) => name)])];
  const trial = await tryCandidate(host, { checked, files, handlers, wanted: [], folder: '' });
  if (trial.kind === 'Rejected') return trial.refusal;
  const left = new Set(handlersInDump(trial.dump));
  const listed = engine.answer.kind === 'Answered' ? engine.answer.handlers : [];
  const absent = handlers.filter((name) => !left.has(name));
  if (!absent.some((name) => listed.includes(name))) {
    await writeFiles(host, files);
    await disarmLeftSwitch(host);
    return { outcome: files.length === 0 ? 'unchanged' : 'done' };
  }
  const present = listed.filter((name) => left.has(name));
  return applyChange(host, engine, { files, expected: { present, absent }, listedBefore: listed });
}

function refuseWithoutEngine({ runtime }: NodeTask): Refusal {
  const message = `Cannot take ${runtime} out of the engine's config: no container engine runs on the node.`;
  return refuse('failed', 'EngineNotFound', message, 'Start the engine; the removal is tried again.');
}

async function isLast(host: Host, { runtime }: NodeTask): Promise<boolean> {
  const names = await host.list(hostPaths.containerdDropIns);
  return names.every((name) => !name.endsWith('.toml') || name === `${runtime}.toml`);
}

/** What was remembered goes with the last runtime, and last; for those that stay, the engine has now read the files again. */
async function tidy(host: Host, { configPath }: ObservedEngine, { record }: FilesNow, last: boolean): Promise<void> {
  if (!last) return rememberLoaded(host);
  await host.removeEmptyFolder(hostPaths.containerdDropIns);
  const madeFolder = (await host.stat(configPath)) ? undefined : record?.madeFolder;
  if (madeFolder !== undefined) await host.removeEmptyFolder(madeFolder);
  await forgetLoaded(host);
  await host.removeFile(originalPath);
  await host.removeFile(recordPath);
  await host.removeEmptyFolder(hostPaths.state);
}
