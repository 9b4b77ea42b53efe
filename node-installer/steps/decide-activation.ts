// Decides what activating a runtime takes: which files change, and whether the engine must be restarted and why. Nothing is written.
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { EngineConfig, FileChange } from '../engine/engine.ts';
import type { Host } from '../host/host.ts';
import type { EngineDriver, OpenedConfig } from './drivers/driver.ts';
import { isLoaded } from './engine-loaded.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { refuseAddition } from './refuse-addition.ts';
import { type Expected, judgeAnswer } from './restart-engine.ts';
import type { Refusal } from './step.ts';

export type Activation = {
  readonly kind: 'Decided';
  readonly opened: Extract<OpenedConfig, { kind: 'Sound' }>;
  readonly files: readonly FileChange[];
  readonly wanted: readonly string[];
  /** Handlers of ours that are not wanted any more. */
  readonly dropped: readonly string[];
  /** Why the engine must be restarted, as the end of a sentence; `undefined` when it need not. */
  readonly restart: string | undefined;
};

/** `folder` is where the payload is, or will be. `outcome` is what a config that cannot take it means for the step that asks. */
export async function decideActivation(
  host: Host,
  engine: ObservedEngine,
  driver: EngineDriver,
  {
    task,
    folder,
    outcome,
  }: { readonly task: NodeTask; readonly folder: string; readonly outcome: 'ineligible' | 'failed' },
): Promise<Activation | { readonly kind: 'Refused'; readonly refusal: Refusal }> {
  const opened = await driver.open(host, engine, task.runtime, outcome);
  if (opened.kind === 'Unsound') return { kind: 'Refused', refusal: opened.refusal };
  const { config } = opened;
  const refusal = refuseAddition(config, task, outcome);
  if (refusal) return { kind: 'Refused', refusal };
  const files = config.planAddition(task, folder);
  const wanted = task.handlers.map(({ name }) => name);
  const dropped = config.own.filter((name) => !wanted.includes(name) && !config.held?.includes(name));
  const restart = files.some(isForEngine)
    ? 'it has to read the changed config'
    : await whyRestart(host, engine, config, { present: wanted, absent: dropped });
  return { kind: 'Decided', opened, files, wanted, dropped, restart };
}

/** What is on disk counts, and not what the engine was started with: a file that it has not read is not served. */
async function whyRestart(
  host: Host,
  { answer, process }: ObservedEngine,
  { files }: EngineConfig,
  expected: Expected,
): Promise<string | undefined> {
  const state = judgeAnswer(answer, expected);
  if (state.kind === 'Down') return state.why;
  return (await isLoaded(host, process, files)) ? undefined : 'it has not read the config that is on disk';
}

/** What we only remember is no reason for a restart. */
export function isForEngine({ path }: FileChange): boolean {
  return !path.startsWith(`${hostPaths.state}/`);
}
