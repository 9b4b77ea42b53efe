// Runs one step and turns how it ended into the report that the operator reads.
import type { NodeReport, NodeStep } from '../crds/node-report.ts';
import { nodeTask, type NodeTask } from '../crds/node-task.ts';
import type { Host } from './host/host.ts';
import type { OutcomeNote } from './outcome-file.ts';
import type { PayloadSource } from './payload/source.ts';
import { activate } from './steps/activate.ts';
import { preflight } from './steps/preflight.ts';
import { probe } from './steps/probe.ts';
import { remove } from './steps/remove.ts';
import { stage } from './steps/stage.ts';
import type { StepContext, StepResult } from './steps/step.ts';
import { verify } from './steps/verify.ts';

export type StepInput = {
  readonly host: Host;
  readonly payload: PayloadSource;
  /** The NodeTask as JSON; the probe needs none. */
  readonly taskText: string | undefined;
  /** What an earlier step of the same pod left. */
  readonly before: OutcomeNote | undefined;
};

export type StepEnd = { readonly report: NodeReport; readonly note: OutcomeNote };

const steps: Record<Exclude<NodeStep, 'probe'>, (context: StepContext) => Promise<StepResult>> = {
  preflight,
  stage,
  activate,
  verify,
  remove,
};

/** *Errors*: only for what cannot be expected, such as a task that is none. */
export async function runStep(step: NodeStep, input: StepInput): Promise<StepEnd> {
  const startedMs = input.host.nowMs();
  const task = step === 'probe' ? undefined : parseTask(input.taskText);
  const skipped = skipAfter(input.before);
  const result =
    skipped ?? (task && step !== 'probe' ? await steps[step](contextOf(input, task)) : await probe(input.host));
  const { folder = input.before?.folder, engineRestarts = 0, handlers, ...rest } = result;
  const report: NodeReport = {
    step,
    ...rest,
    ...(task ? { revision: task.revision } : {}),
    durationMs: Math.round(input.host.nowMs() - startedMs),
    engineRestarts,
    ...(handlers ? { handlers: [...handlers] } : {}),
  };
  return { report, note: skipped && input.before ? input.before : noteOf(report, folder) };
}

function contextOf({ host, payload, before }: StepInput, task: NodeTask): StepContext {
  return { host, task, payload, ...(before?.folder === undefined ? {} : { folder: before.folder }) };
}

/** Nothing is done on top of a step that did not succeed. */
function skipAfter(before: OutcomeNote | undefined): StepResult | undefined {
  if (!before || before.outcome === 'done' || before.outcome === 'unchanged') return undefined;
  const { step, outcome, reason } = before;
  return {
    outcome: 'skipped',
    ...(reason === undefined ? {} : { reason }),
    message: `Not tried, since the step ${step} before it ended as ${outcome}.`,
  };
}

function noteOf({ step, outcome, reason }: NodeReport, folder: string | undefined): OutcomeNote {
  return { step, outcome, ...(reason === undefined ? {} : { reason }), ...(folder === undefined ? {} : { folder }) };
}

function parseTask(text: string | undefined): NodeTask {
  try {
    return nodeTask.parse(JSON.parse(text ?? ''));
  } catch (error) {
    throw new Error('Cannot run the step: BULKHEAD_TASK is not a valid node task.', { cause: error });
  }
}
