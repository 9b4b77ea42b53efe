// Runs one step and turns how it ended into the report that the operator reads.
import type { NodeReport, NodeStep } from '../crds/node-report.ts';
import { handlersFor, nodeTask, type NodeTask } from '../crds/node-task.ts';
import { type Host, WriteRefused } from './host/host.ts';
import type { OutcomeNote } from './outcome-file.ts';
import type { PayloadSource } from './payload/source.ts';
import { activate } from './steps/activate.ts';
import { refuseWrite } from './steps/no-disk-space.ts';
import { plan } from './steps/plan.ts';
import { preflight } from './steps/preflight.ts';
import { probe } from './steps/probe.ts';
import { remove } from './steps/remove.ts';
import { stage } from './steps/stage.ts';
import type { StepContext, StepResult } from './steps/step.ts';
import { verify, verifyHandlers } from './steps/verify.ts';
import { lockWaitMs } from './steps/while-locked.ts';

export type StepInput = {
  readonly host: Host;
  readonly payload: PayloadSource;
  /** The NodeTask as JSON; the probe needs none. */
  readonly taskText: string | undefined;
  /** Gets what a long step says meanwhile. */
  readonly tell?: StepContext['tell'];
  /** What an earlier step of the same pod left. */
  readonly before: OutcomeNote | undefined;
};

export type StepEnd = { readonly report: NodeReport; readonly note: OutcomeNote };

const steps: Record<Exclude<NodeStep, 'probe'>, (context: StepContext) => Promise<StepResult>> = {
  plan,
  preflight,
  stage,
  activate,
  verify,
  remove,
};

/** These change nothing, so they need no lock. */
const looking: readonly NodeStep[] = ['plan', 'preflight', 'verify'];

/** On a node that is taken as it is. */
const adoptedSteps: Partial<typeof steps> = {
  stage: async () => ({ outcome: 'unchanged' }),
  activate: async () => ({ outcome: 'unchanged' }),
  verify: verifyHandlers,
};

/** *Errors*: only for what cannot be expected, such as a task that is none. */
export async function runStep(step: NodeStep, input: StepInput): Promise<StepEnd> {
  const startedMs = input.host.nowMs();
  const task = step === 'probe' ? undefined : parseTask(input.taskText, input.host.arch);
  const skipped = skipAfter(input.before);
  const result = skipped ?? (task && step !== 'probe' ? await runTask(step, input, task) : await probe(input.host));
  const { folder = input.before?.folder, adopted, engineRestarts = 0, handlers, drift, leftovers, ...rest } = result;
  const report: NodeReport = {
    step,
    ...rest,
    ...(task ? { revision: task.revision } : {}),
    durationMs: Math.round(input.host.nowMs() - startedMs),
    engineRestarts,
    ...(handlers ? { handlers: [...handlers] } : {}),
    ...(drift ? { drift: [...drift] } : {}),
    ...(leftovers ? { leftovers: [...leftovers] } : {}),
  };
  return {
    report,
    note:
      skipped && input.before
        ? input.before
        : noteOf(report, folder, step === 'preflight' ? adopted : input.before?.adopted),
  };
}

/** The preflight decides anew, whatever an earlier run of the same pod has found. */
async function runTask(step: Exclude<NodeStep, 'probe'>, input: StepInput, task: NodeTask): Promise<StepResult> {
  const run = (input.before?.adopted && adoptedSteps[step]) || steps[step];
  try {
    const result = await run(contextOf(input, task));
    if (!looking.includes(step) || isFine(result)) return result;
    // What it dislikes may be what another installer has half done.
    await input.host.untilUnlocked(lockWaitMs);
    return await run(contextOf(input, task));
  } catch (error) {
    // Each step has undone by then what it can undo.
    if (error instanceof WriteRefused) return refuseWrite(error);
    throw error;
  }
}

function contextOf({ host, payload, before, tell = () => undefined }: StepInput, task: NodeTask): StepContext {
  return { host, task, payload, tell, ...(before?.folder === undefined ? {} : { folder: before.folder }) };
}

function isFine({ outcome }: Pick<NodeReport, 'outcome'>): boolean {
  return outcome === 'done' || outcome === 'unchanged';
}

/** Nothing is done on top of a step that did not succeed. */
function skipAfter(before: OutcomeNote | undefined): StepResult | undefined {
  if (!before || isFine(before)) return undefined;
  const { step, outcome, reason } = before;
  return {
    outcome: 'skipped',
    ...(reason === undefined ? {} : { reason }),
    message: `Not tried, since the step ${step} before it ended as ${outcome}.`,
  };
}

function noteOf(
  { step, outcome, reason }: NodeReport,
  folder: string | undefined,
  adopted: true | undefined,
): OutcomeNote {
  return {
    step,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(folder === undefined ? {} : { folder }),
    ...(adopted === undefined ? {} : { adopted }),
  };
}

/** With the handlers for this node alone. */
function parseTask(text: string | undefined, arch: string): NodeTask {
  try {
    const task = nodeTask.parse(JSON.parse(text ?? ''));
    return { ...task, handlers: handlersFor(task.handlers, arch) };
  } catch (error) {
    throw new Error('Cannot run the step: BULKHEAD_TASK is not a valid node task.', { cause: error });
  }
}
