// Makes the engine know the handlers: config tried, changed, loaded, checked; the old bytes are back when it does not hold.
import { applyChange } from './apply-change.ts';
import { disarmLeftSwitch } from './dead-mans-switch.ts';
import { collectVersions } from './collect-versions.ts';
import { discardLeftovers } from './discard-leftovers.ts';
import { decideActivation } from './decide-activation.ts';
import { lastLine } from './dump-config.ts';
import type { EngineDriver } from './drivers/driver.ts';
import { driverOf } from './drivers/driver-of.ts';
import { keepModules } from './keep-modules.ts';
import { labelPrograms } from './label-programs.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { observeNode } from './observe-node.ts';
import { refuseEngine } from './refuse-engine.ts';
import { refuseUnread } from './refuse-unread.ts';
import { rememberLoaded } from './remember-loaded.ts';
import { isFolderFor } from './staged-folder.ts';
import { refuse, type Refusal, type StepContext, type StepResult } from './step.ts';
import { whileLocked } from './while-locked.ts';
import { writeFiles } from './write-files.ts';

export async function activate(context: StepContext): Promise<StepResult> {
  const { host, task, folder } = context;
  if (folder === undefined || !(await isFolderFor(host, task, folder))) {
    const message = `Cannot activate ${task.runtime}: its payload is not at ${folder ?? 'any folder that the stage step named'}.`;
    return refuse('failed', 'PayloadMissing', message, 'The stage step must run before, in the same pod.');
  }
  return whileLocked(host, async () => {
    const node = await observeNode(host);
    const refusal = refuseEngine(node);
    const driver = node.engine && driverOf(node.engine.kind);
    if (refusal || !node.engine || !driver) return { ...refusal, outcome: 'failed' };
    const modules = await keepModules(host, task, node.facts);
    if (modules.kind === 'Refused') return modules.refusal;
    const labels = await labelPrograms(host, folder, node.facts.selinux);
    const activated = await activateOn({ ...context, folder }, node.engine, driver);
    if (activated.outcome !== 'done' && activated.outcome !== 'unchanged') return activated;
    const collected = await collectVersions(host, task.runtime, folder);
    const isChanged = collected || modules.changed || labels.changed;
    return {
      ...(labels.message === undefined ? {} : { message: labels.message }),
      ...activated,
      ...(isChanged ? { outcome: 'done' } : {}),
    };
  });
}

async function activateOn(
  context: StepContext & { folder: string },
  engine: ObservedEngine,
  driver: EngineDriver,
): Promise<StepResult> {
  const { host, task, folder } = context;
  await discardLeftovers(host, driver, engine);
  const decided = await decideActivation(host, engine, driver, { task, folder, outcome: 'failed' });
  if (decided.kind === 'Refused') return decided.refusal;
  const { opened, files, wanted, dropped, restart } = decided;
  if (restart === undefined) {
    await writeFiles(host, files);
    await disarmLeftSwitch(host);
    return { outcome: files.length === 0 ? 'unchanged' : 'done', folder };
  }
  const shims = await refuseShims(context);
  if (shims) return shims;
  const handlers = [...wanted, ...dropped];
  const trial = await opened.tryCandidate({ files, handlers, wanted: task.handlers, folder });
  if (trial.kind === 'Rejected') return trial.refusal;
  const unread = await refuseUnread(host, engine, opened);
  if (unread) return unread;
  const listedBefore = engine.answer.kind === 'Answered' ? engine.answer.handlers : [];
  const kept = trial.handlers.filter((name) => listedBefore.includes(name));
  const applied = await applyChange(host, engine, {
    files,
    expected: { present: [...new Set([...wanted, ...kept])], absent: dropped },
    listedBefore: listedBefore.filter((name) => opened.config.handlers.includes(name)),
  });
  if (applied.outcome === 'done') await rememberLoaded(host);
  return { ...applied, folder };
}

/** What cannot start on this host is found before a pod waits for it. A shim that dislikes the flag is a shim that runs. */
async function refuseShims({ host, task, folder }: StepContext & { folder: string }): Promise<Refusal | undefined> {
  for (const path of new Set(task.handlers.flatMap(({ runtimePath }) => runtimePath ?? []))) {
    const { exitCode, stderr } = await host.run([`${folder}/${path}`, '-v']);
    if (exitCode !== 126 && exitCode !== 127) continue;
    const message = `Cannot use the shim ${folder}/${path}: it does not start on the node (${lastLine(stderr)}).`;
    return refuse(
      'failed',
      'ShimNotRunnable',
      message,
      'Look whether its file system is mounted noexec, and what libraries it needs.',
    );
  }
  return undefined;
}
