// Looks whether the node is as the steps before left it: files intact, handlers listed by the CRI. Nothing is written.
import { observeEngine } from './observe-engine.ts';
import { judgeAnswer } from './restart-engine.ts';
import { inspectStaged } from './staged-folder.ts';
import { refuse, type StepContext, type StepResult } from './step.ts';

export async function verify({ host, task, folder = '' }: StepContext): Promise<StepResult> {
  const staged = await inspectStaged(host, task, folder);
  if (staged.kind !== 'Intact') {
    const what = staged.kind === 'Absent' ? 'it is not there' : `${staged.what} is not as the manifest has it`;
    const message = `Cannot verify the payload at ${folder || 'its folder'}: ${what}.`;
    return refuse(
      'failed',
      'PayloadDamaged',
      message,
      'It is staged again at the next try; look for what else writes there.',
    );
  }
  return { ...(await verifyHandlers({ host, task })), folder };
}

export async function verifyHandlers({ host, task }: Pick<StepContext, 'host' | 'task'>): Promise<StepResult> {
  const engine = await observeEngine(host, await host.processes());
  if (!engine) return refuse('failed', 'EngineNotFound', 'Cannot verify the handlers: no container engine runs.');
  const state = judgeAnswer(engine.answer, { present: task.handlers.map(({ name }) => name), absent: [] });
  if (state.kind === 'Down') {
    const message = `Cannot verify the handlers: ${state.why}.`;
    return refuse('failed', state.reason, message, `Look at the log of ${engine.unit} on the node.`);
  }
  return {
    outcome: 'unchanged',
    handlers: engine.answer.kind === 'Answered' ? [...engine.answer.handlers] : [],
  };
}
