// Looks whether the node is as an install leaves it: files, config, what the engine has read and lists. Nothing is written.
import type { NodeTask } from '../../crds/node-task.ts';
import { runtimeFolder } from '../payload/folder.ts';
import type { Host } from '../host/host.ts';
import { awaitAdapter } from './await-adapter.ts';
import { whyUnwritable } from './adopt.ts';
import { unusedVersions } from './collect-versions.ts';
import { type Drift, findDrift } from './find-drift.ts';
import { observeEngine } from './observe-engine.ts';
import { type ObservedNode, observeNode } from './observe-node.ts';
import { judgeAnswer, type Restarted } from './restart-engine.ts';
import { refuseLate } from './refuse-engine.ts';
import { findStaged } from './staged-folder.ts';
import { refuse, type Refusal, type StepContext, type StepResult } from './step.ts';

/** In a pod of its own, long after the install, it has nobody's note and finds out itself where the payload is. */
export async function verify({ host, task, folder }: StepContext): Promise<StepResult> {
  const node = await observeNode(host, task.needs);
  const late = node.engine && refuseLate(node.engine);
  if (late) return late;
  const isAdopted = folder === undefined && (await host.stat(runtimeFolder(task.runtime))) === undefined;
  if (isAdopted && (await whyUnwritable(host, node, task.needs))) return verifyHandlers({ host, task });
  const drift = await findDrift(host, node, task, folder);
  const refusal = refuseDrift(task, drift, node);
  if (refusal) return refusal;
  const where = folder === undefined ? {} : { folder };
  return { ...(await verifyHandlers({ host, task })), ...where, ...(await leftoversOn(host, task, folder)) };
}

/** What an install had to leave to sandboxes that ran has nobody to take it away once they have ended. */
async function leftoversOn(host: Host, task: NodeTask, folder: string | undefined) {
  const staged = folder ?? (await findStaged(host, task));
  const leftovers = staged === undefined ? [] : await unusedVersions(host, task.runtime, staged);
  return leftovers.length === 0 ? {} : { leftovers };
}

function refuseDrift({ runtime, handlers }: NodeTask, drift: Drift, { engine }: ObservedNode): Refusal | undefined {
  const all = [...drift.payload, ...drift.config, ...drift.kernel, ...drift.engine];
  if (all.length === 0) return undefined;
  const message = `Cannot verify ${runtime}: ${all.join('; ')}.`;
  const hint = 'It is put right by the next install; look for what else writes there.';
  const serving = engine && judgeAnswer(engine.answer, { present: handlers.map(({ name }) => name), absent: [] });
  return { ...refuse('failed', reasonOf(drift, serving), message, hint), drift: all };
}

function reasonOf({ payload, config, kernel }: Drift, serving: Restarted | undefined): string {
  if (payload.length > 0) return 'PayloadDamaged';
  if (config.length > 0) return 'ConfigDrifted';
  if (kernel.length > 0) return 'KernelDrifted';
  if (!serving) return 'EngineNotFound';
  return serving.kind === 'Down' ? serving.reason : 'EngineOutdated';
}

export async function verifyHandlers({ host, task }: Pick<StepContext, 'host' | 'task'>): Promise<StepResult> {
  const engine = await observeEngine(host, await host.processes());
  if (!engine) return refuse('failed', 'EngineNotFound', 'Cannot verify the handlers: no container engine runs.');
  const late = refuseLate(engine);
  if (late) return late;
  const names = task.handlers.map(({ name }) => name);
  const state = judgeAnswer(engine.answer, { present: names, absent: [] });
  if (state.kind === 'Down') {
    const message = `Cannot verify the handlers: ${state.why}.`;
    return refuse('failed', state.reason, message, `Look at the log of ${engine.unit} on the node.`);
  }
  const behind = await awaitAdapter(host, engine, names);
  if (behind !== undefined) {
    const message = `Cannot verify the handlers: ${behind}.`;
    return refuse('failed', 'HandlerMissing', message, 'Look at the log of cri-dockerd on the node.');
  }
  return {
    outcome: 'unchanged',
    handlers: engine.answer.kind === 'Answered' ? [...engine.answer.handlers] : [],
  };
}
