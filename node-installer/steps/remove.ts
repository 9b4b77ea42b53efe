// Takes a runtime off the node: refuses while sandboxes run, then config, then files, until nothing of ours is left.
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { applyChange } from './apply-change.ts';
import { disarmLeftSwitch } from './dead-mans-switch.ts';
import { discardLeftovers } from './discard-leftovers.ts';
import type { OpenedConfig } from './drivers/driver.ts';
import { driverOf, drivers } from './drivers/driver-of.ts';
import { forgetLoaded } from './engine-loaded.ts';
import { isAnyThere } from './is-any-there.ts';
import { forgetModules, modulesPath } from './keep-modules.ts';
import { type ObservedEngine, observeEngine } from './observe-engine.ts';
import { processesUsing } from './processes-using.ts';
import { refuseLate } from './refuse-engine.ts';
import { refuseUnread } from './refuse-unread.ts';
import { rememberLoaded } from './remember-loaded.ts';
import { refuse, type Refusal, type StepContext, type StepResult } from './step.ts';
import { whileLocked } from './while-locked.ts';
import { writeFiles } from './write-files.ts';

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
    const hadModules = await forgetModules(host, task.runtime);
    const hadFolder = (await host.stat(runtimeFolder(task.runtime))) !== undefined;
    await host.removeTree(runtimeFolder(task.runtime));
    await host.removeEmptyFolder(hostPaths.prefix);
    return { outcome: hadFolder || hadModules ? 'done' : config.outcome, ...restarts };
  });
}

/** Also the little that a removal which was cut off has left. */
async function isOnNode(host: Host, task: NodeTask): Promise<boolean> {
  const files = drivers.flatMap(({ traces }) => traces(task.runtime));
  const own = [...files, modulesPath(task.runtime), runtimeFolder(task.runtime)];
  const shared = [hostPaths.state, ...drivers.flatMap(({ ownFolders }) => ownFolders), hostPaths.prefix];
  return isAnyThere(host, (await isLast(host, task)) ? [...own, ...shared] : own);
}

async function isLast(host: Host, { runtime }: NodeTask): Promise<boolean> {
  return (await Promise.all(drivers.map((driver) => driver.isLast(host, runtime)))).every(Boolean);
}

async function refuseInUse(host: Host, { runtime, force }: NodeTask): Promise<Refusal | undefined> {
  const folder = runtimeFolder(runtime);
  const users = force ? [] : processesUsing(await host.processes(), folder);
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

async function removeFromConfig(host: Host, task: NodeTask): Promise<StepResult> {
  const isInConfig = await isAnyThere(
    host,
    drivers.flatMap(({ traces }) => traces(task.runtime)),
  );
  const engine = await observeEngine(host, await host.processes());
  const driver = engine && driverOf(engine.kind);
  if (!driver) return isInConfig ? refuseWithoutEngine(task) : { outcome: 'unchanged' };
  await discardLeftovers(host, driver, engine);
  const opened = await driver.open(host, engine, task.runtime, 'failed');
  if (opened.kind === 'Unsound') return isInConfig ? opened.refusal : { outcome: 'unchanged' };
  const last = await isLast(host, task);
  const removed = await changeConfig(host, task, engine, opened);
  if (removed.outcome !== 'done' && removed.outcome !== 'unchanged') return removed;
  if (last) await tidy(host, opened);
  else if (removed.outcome === 'done') await rememberLoaded(host);
  return removed;
}

type SoundConfig = Extract<OpenedConfig, { kind: 'Sound' }>;

async function changeConfig(
  host: Host,
  task: NodeTask,
  engine: ObservedEngine,
  opened: SoundConfig,
): Promise<StepResult> {
  // It may have the handlers, and would keep them.
  const late = refuseLate(engine);
  if (late) return late;
  const { config, tryCandidate } = opened;
  const files = config.planRemoval();
  const handlers = [...new Set([...config.own, ...task.handlers.map(({ name }) => name)])];
  const nothingChanges = { kind: 'Accepted', handlers: config.handlers } as const;
  const trial = files.length === 0 ? nothingChanges : await tryCandidate({ files, handlers, wanted: [], folder: '' });
  if (trial.kind === 'Rejected') return trial.refusal;
  const left = new Set(trial.handlers);
  const listed = engine.answer.kind === 'Answered' ? engine.answer.handlers : [];
  const absent = handlers.filter((name) => !left.has(name));
  if (!absent.some((name) => listed.includes(name))) {
    await writeFiles(host, files);
    await disarmLeftSwitch(host);
    return { outcome: files.length === 0 ? 'unchanged' : 'done' };
  }
  const unread = await refuseUnread(host, engine, opened);
  if (unread) return unread;
  const present = listed.filter((name) => left.has(name));
  return applyChange(host, engine, { files, expected: { present, absent }, listedBefore: listed });
}

function refuseWithoutEngine({ runtime }: NodeTask): Refusal {
  const message = `Cannot take ${runtime} out of the engine's config: no container engine runs on the node.`;
  return refuse('failed', 'EngineNotFound', message, 'Start the engine; the removal is tried again.');
}

/** For runtimes that stay, the engine has read the files again instead. */
async function tidy(host: Host, opened: SoundConfig): Promise<void> {
  await forgetLoaded(host);
  await opened.tidy();
  await host.removeEmptyFolder(hostPaths.state);
}
