// Takes a runtime off the node: refuses while sandboxes run, then config, then files, until nothing of ours is left.
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { parseToml } from '../engine/containerd/config-tree.ts';
import { handlersOf } from '../engine/containerd/drop-in.ts';
import { handlersInDump } from '../engine/containerd/judge-config.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { applyChange, removeEmptyFolders } from './apply-change.ts';
import { checkConfig } from './check-config.ts';
import { type FilesNow, planRemoval } from './config-change.ts';
import { forgetLoaded, recordLoaded } from './engine-loaded.ts';
import { dropInPath } from './handler-conflict.ts';
import { type ObservedEngine, observeEngine } from './observe-engine.ts';
import { readFilesNow } from './read-files-now.ts';
import { refuse, type Refusal, type StepContext, type StepResult, whileLocked } from './step.ts';
import { discardCandidate, tryCandidate } from './try-candidate.ts';

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
    await host.removeTree(runtimeFolder(task.runtime));
    await host.removeEmptyFolder(hostPaths.prefix);
    return { outcome: 'done', ...restarts };
  });
}

async function isOnNode(host: Host, { runtime }: NodeTask): Promise<boolean> {
  const traces = await Promise.all([dropInPath(runtime), runtimeFolder(runtime)].map((path) => host.stat(path)));
  return traces.some((trace) => trace !== undefined);
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
  if (!(await host.stat(dropInPath(task.runtime)))) return { outcome: 'unchanged' };
  const engine = await observeEngine(host, await host.processes());
  if (!engine) {
    const message = `Cannot take ${task.runtime} out of the engine's config: no container engine runs on the node.`;
    return refuse('failed', 'EngineNotFound', message, 'Start the engine; the removal is tried again.');
  }
  await discardCandidate(host, engine.configPath);
  const checked = await checkConfig(host, engine, 'failed');
  if (checked.kind === 'Unsound') return checked.refusal;
  const now = await readFilesNow(host, checked.tree, task.runtime);
  const files = planRemoval(now, task.runtime, await isLast(host, task));
  const handlers = handlersOf(parseToml(now.dropIn ?? ''));
  const trial = await tryCandidate(host, { checked, files, handlers, wanted: [], folder: '' });
  if (trial.kind === 'Rejected') return trial.refusal;
  const listed = engine.answer.kind === 'Answered' ? engine.answer.handlers : [];
  const applied = await applyChange(host, engine, {
    files,
    expected: { present: handlersInDump(trial.dump).filter((name) => listed.includes(name)), absent: handlers },
    listedBefore: listed,
  });
  if (applied.outcome === 'done') await tidy(host, engine, now);
  return applied;
}

async function isLast(host: Host, { runtime }: NodeTask): Promise<boolean> {
  const names = await host.list(hostPaths.containerdDropIns);
  return names.every((name) => !name.endsWith('.toml') || name === `${runtime}.toml`);
}

/** What was remembered goes with the last runtime; for those that stay, the engine has now read the files again. */
async function tidy(host: Host, { configPath }: ObservedEngine, { record }: FilesNow): Promise<void> {
  await forgetLoaded(host);
  await removeEmptyFolders(host);
  if (record?.madeFolder !== undefined && !(await host.stat(configPath)))
    await host.removeEmptyFolder(record.madeFolder);
  if (!(await host.stat(hostPaths.containerdDropIns))) return;
  const engine = await observeEngine(host, await host.processes());
  if (engine?.config?.kind === 'Read') await recordLoaded(host, engine.process, engine.config.tree);
}
