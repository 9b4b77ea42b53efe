// Makes the engine know the handlers: config tried, changed, loaded, checked; the old bytes are back when it does not hold.
import { dirname } from 'node:path/posix';
import { handlersInDump } from '../engine/containerd/judge-config.ts';
import { handlersOf } from '../engine/containerd/drop-in.ts';
import { parseToml } from '../engine/containerd/config-tree.ts';
import { applyChange } from './apply-change.ts';
import { checkConfig } from './check-config.ts';
import { planAddition } from './config-change.ts';
import { disarmLeftSwitch } from './dead-mans-switch.ts';
import { lastLine } from './dump-config.ts';
import { isLoaded } from './engine-loaded.ts';
import { handlerConflict } from './handler-conflict.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { observeNode } from './observe-node.ts';
import { refuseEngine } from './refuse-engine.ts';
import { readFilesNow } from './read-files-now.ts';
import { rememberLoaded } from './remember-loaded.ts';
import { judgeAnswer } from './restart-engine.ts';
import { isFolderFor } from './staged-folder.ts';
import { refuse, type Refusal, type StepContext, type StepResult, whileLocked } from './step.ts';
import { discardCandidate, tryCandidate } from './try-candidate.ts';

export async function activate(context: StepContext): Promise<StepResult> {
  const { host, task, folder } = context;
  if (folder === undefined || !(await isFolderFor(host, task, folder))) {
    const message = `Cannot activate ${task.runtime}: its payload is not at ${folder ?? 'any folder that the stage step named'}.`;
    return refuse('failed', 'PayloadMissing', message, 'The stage step must run before, in the same pod.');
  }
  const node = await observeNode(host);
  const refusal = refuseEngine(node);
  if (refusal || !node.engine) return { ...refusal, outcome: 'failed' };
  const { engine } = node;
  return whileLocked(host, () => activateOn({ ...context, folder }, engine));
}

async function activateOn(context: StepContext & { folder: string }, engine: ObservedEngine): Promise<StepResult> {
  const { host, task, folder } = context;
  await discardCandidate(host, engine.configPath);
  const checked = await checkConfig(host, engine, 'failed');
  if (checked.kind === 'Unsound') return checked.refusal;
  const { tree, dump } = checked;
  const conflict = handlerConflict(tree, dump, task, 'failed');
  if (conflict) return conflict;
  const now = await readFilesNow(host, tree, task.runtime);
  const rootFolderIsThere = (await host.stat(dirname(tree.rootPath))) !== undefined;
  const files = planAddition(now, task, folder, rootFolderIsThere);
  const wanted = task.handlers.map(({ name }) => name);
  const dropped = handlersOf(parseToml(now.dropIn ?? '')).filter((name) => !wanted.includes(name));
  const expected = { present: wanted, absent: dropped };
  const isServing = judgeAnswer(engine.answer, expected).kind === 'Up' && (await isLoaded(host, engine.process, tree));
  if (files.length === 0 && isServing) {
    await disarmLeftSwitch(host);
    return { outcome: 'unchanged', folder };
  }
  const shims = await refuseShims(context);
  if (shims) return shims;
  const handlers = [...wanted, ...dropped];
  const trial = await tryCandidate(host, { checked, files, handlers, wanted: task.handlers, folder });
  if (trial.kind === 'Rejected') return trial.refusal;
  const listedBefore = engine.answer.kind === 'Answered' ? engine.answer.handlers : [];
  const kept = handlersInDump(trial.dump).filter((name) => listedBefore.includes(name));
  const applied = await applyChange(host, engine, {
    files,
    expected: { present: [...new Set([...wanted, ...kept])], absent: dropped },
    listedBefore: listedBefore.filter((name) => handlersInDump(dump).includes(name)),
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
