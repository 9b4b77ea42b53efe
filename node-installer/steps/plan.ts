// The plan: what preflight, stage and activate would do to this node, decided by the same functions. Nothing is written.
import { basename } from 'node:path/posix';
import type { NodePlan } from '../../crds/node-plan.ts';
import { sizeText } from '../../crds/node-plan.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { FileChange } from '../engine/engine.ts';
import { lineDiff } from '../engine/line-diff.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { unusedVersions } from './collect-versions.ts';
import { type Activation, decideActivation, isForEngine } from './decide-activation.ts';
import { decideStaging, payloadBytesOf, refuseSpace, type StagingDecision } from './decide-staging.ts';
import type { EngineDriver } from './drivers/driver.ts';
import { driverOf } from './drivers/driver-of.ts';
import { type ModulePlan, planModules } from './keep-modules.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { observeNode } from './observe-node.ts';
import { preflight } from './preflight.ts';
import { processesUsing } from './processes-using.ts';
import { refuseEngine } from './refuse-engine.ts';
import type { Refusal, StepContext, StepResult } from './step.ts';

export async function plan(context: StepContext): Promise<StepResult> {
  const judged = await preflight(context);
  if (judged.outcome !== 'unchanged') return judged;
  if (judged.adopted) return { ...judged, plan: nothing };
  const staging = await decideStaging(context);
  if (staging.kind === 'Refused') return { ...judged, ...staging.refusal };
  const full = await refuseCopy(context, staging);
  return { ...judged, ...(full ?? (await planOn(context, staging))) };
}

function refuseCopy({ host, task }: StepContext, staging: Decided): Promise<Refusal | undefined> {
  return staging.kind === 'Copy' ? refuseSpace(host, task, payloadBytesOf(staging)) : Promise.resolve(undefined);
}

const nothing: NodePlan = { modules: [], changes: [], unused: [], sandboxes: { count: 0, first: [] }, details: '' };

type Decided = Exclude<StagingDecision, { kind: 'Refused' }>;

async function planOn({ host, task }: StepContext, staging: Decided): Promise<StepResult> {
  const node = await observeNode(host, task.needs);
  const driver = node.engine && driverOf(node.engine.kind);
  if (!node.engine || !driver) return refuseEngine(node) ?? { outcome: 'unchanged' };
  const { folder } = staging;
  const activation = await decideActivation(host, node.engine, driver, { task, folder, outcome: 'ineligible' });
  if (activation.kind === 'Refused') return activation.refusal;
  const rejection = await rejectionOf(host, node.engine, driver, { task, folder, activation });
  if (rejection) return rejection;
  const modules = await planModules(host, task, node.facts);
  return {
    outcome: 'unchanged',
    plan: {
      ...planOf(staging, modules, activation, node.engine),
      unused: await unusedVersions(host, task.runtime, folder),
      sandboxes: namesOf(processesUsing(node.processes, runtimeFolder(task.runtime))),
    },
  };
}

/** What the engine's own binary makes of the change, where it can see it without its being on the host. */
async function rejectionOf(
  host: Host,
  engine: ObservedEngine,
  driver: EngineDriver,
  { task, folder, activation: { files, wanted, dropped, restart } }: Planned,
): Promise<Refusal | undefined> {
  const preview = restart === undefined ? undefined : await host.preview();
  if (!preview) return undefined;
  try {
    const opened = await driver.open(preview.host, engine, task.runtime, 'failed');
    if (opened.kind === 'Unsound') return opened.refusal;
    const handlers = [...wanted, ...dropped];
    const trial = await opened.tryCandidate({ files, handlers, wanted: task.handlers, folder });
    return trial.kind === 'Rejected' ? trial.refusal : undefined;
  } finally {
    await preview.close();
  }
}

type Planned = { readonly task: NodeTask; readonly folder: string; readonly activation: Activation };

function planOf(
  staging: Decided,
  { load, file }: ModulePlan,
  { files, restart }: Activation,
  { unit, restartsKubelet, reloads }: ObservedEngine,
): Omit<NodePlan, 'unused' | 'sandboxes'> {
  const changes = [...(file ? [file] : []), ...files];
  return {
    ...(staging.kind === 'Intact' ? {} : { staging: sizeOf(staging) }),
    modules: [...load],
    changes: changes.map((change) => ({ path: change.path, change: kindOf(change) })),
    ...(restart === undefined
      ? {}
      : {
          restart: {
            unit,
            because: restart,
            withKubelet: !reloads && restartsKubelet,
            ...(reloads ? { byReload: true } : {}),
          },
        }),
    details: [...changes.filter(isForEngine).map(lineDiff), ...stagedFiles(staging)].join(''),
  };
}

/** A node may have thousands. */
function namesOf(processes: readonly HostProcess[]): NodePlan['sandboxes'] {
  const first = processes.slice(0, 5).map(({ pid, exe, argv }) => `${basename(exe ?? argv[0] ?? '')} (PID ${pid})`);
  return { count: processes.length, first };
}

function sizeOf(staging: Exclude<Decided, { kind: 'Intact' }>): NodePlan['staging'] {
  const { folder } = staging;
  if (staging.kind === 'Choose') return { folder };
  return { folder, files: staging.manifest.files.length, sizeBytes: payloadBytesOf(staging) };
}

function stagedFiles(staging: Decided): string[] {
  if (staging.kind !== 'Copy') return [];
  return staging.manifest.files.map(({ path, sizeBytes }) => `${staging.folder}/${path} (${sizeText(sizeBytes)})\n`);
}

function kindOf({ before, after }: FileChange): NodePlan['changes'][number]['change'] {
  if (before === undefined) return 'Create';
  return after === undefined ? 'Remove' : 'Change';
}
