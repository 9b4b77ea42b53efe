// What a SandboxNode says about one SandboxRuntime, and what the operator remembers by it.
import type { NodeReport, NodeStep } from '../../crds/node-report.ts';
import type { NodeRuntime, Phase } from '../../crds/sandbox-node.ts';
import { withoutFindings } from './check.ts';
import { type Preview, previewFields, previewText } from './preview.ts';
import type { Absent, Done, Situation, Stopped, Working } from './situation.ts';

/** Whether the node is to have the runtime. `Refused`: selected, but known to be unable without looking. */
export type Claim =
  | { readonly kind: 'Wanted' }
  | { readonly kind: 'Refused'; readonly reason: string; readonly message: string; readonly hint: string }
  | { readonly kind: 'Unwanted' };

type Fields = Omit<NodeRuntime, 'name' | 'lastTransitionTime'>;

/** What pods that only look have found. */
export type Findings = { readonly preview?: Preview | undefined; readonly check?: NodeRuntime['check'] };

/** `undefined`: the node has nothing to do with the runtime, or no longer. */
export function entryOf(
  runtime: string,
  claim: Claim,
  situation: Situation,
  previous: NodeRuntime | undefined,
  now: string,
  { preview, check }: Findings = {},
): NodeRuntime | undefined {
  const known = withCheck(fieldsOf(claim, situation, previous), situation, previous, check);
  const fields = withPreview(known, situation, preview);
  if (!fields) return undefined;
  const same = previous?.phase === fields.phase && previous.revision === fields.revision;
  const sameTry = same && previous.attempts === fields.attempts;
  return withoutUndefined({
    name: runtime,
    ...fields,
    lastTransitionTime: sameTry ? previous.lastTransitionTime : now,
  });
}

/** A node that has drifted is still one that has the runtime; while it changes, what was found may be true no more. */
function withCheck(
  fields: Fields | undefined,
  situation: Situation,
  previous: NodeRuntime | undefined,
  check: NodeRuntime['check'],
): Fields | undefined {
  if (!fields || situation.kind === 'Absent' || situation.job === 'remove') return fields;
  const isSame = previous?.revision === situation.revision;
  if (situation.kind !== 'Done') return { ...fields, check: isSame ? withoutFindings(previous.check) : undefined };
  const drift = check?.drift?.join('; ');
  const told =
    drift === undefined ? {} : { reason: 'Drifted', message: `It has changed since: ${drift}.`, hint: drifted };
  return { ...fields, check, ...told };
}

const drifted = 'The next install puts it right, unless spec.drift.repair is false; look for what else writes there.';

/** What is true of the node stays what is said of it; a plan is only more. */
function withPreview(
  fields: Fields | undefined,
  { kind }: Situation,
  preview: Preview | undefined,
): Fields | undefined {
  if (!fields || !preview) return fields;
  if (kind !== 'Absent') return { ...fields, plan: previewText(preview) };
  return { revision: fields.revision, ...previewFields(preview), pod: preview.pod?.name };
}

function fieldsOf(claim: Claim, situation: Situation, previous: NodeRuntime | undefined): Fields | undefined {
  switch (situation.kind) {
    case 'Absent':
      return absent(claim, situation, previous);
    case 'Working':
      return working(situation, previous);
    case 'Done':
      return done(situation, previous);
    case 'Stopped':
      return stopped(situation, previous);
  }
}

function absent(claim: Claim, _: Absent, previous: NodeRuntime | undefined): Fields | undefined {
  // The node may have lost our labels: keep in mind that it has the runtime.
  const revision = previous?.revision;
  switch (claim.kind) {
    case 'Wanted':
      return { phase: 'Waiting', revision };
    case 'Refused':
      return { phase: 'Ineligible', revision, reason: claim.reason, message: claim.message, hint: claim.hint };
    case 'Unwanted':
      return revision === undefined ? undefined : { phase: 'Waiting', revision };
  }
}

function working({ revision, step, trouble, pod }: Working, previous: NodeRuntime | undefined): Fields {
  const attempts = previous?.revision === revision ? previous.attempts : undefined;
  return {
    phase: phaseOfStep(step),
    revision,
    reason: trouble?.reason,
    message: trouble?.message,
    pod: pod?.name,
    attempts,
  };
}

function done({ job, revision, reports, pod }: Done, previous: NodeRuntime | undefined): Fields | undefined {
  if (job === 'remove') return undefined;
  const kept = previous?.phase === 'Ready' && previous.revision === revision ? previous : undefined;
  const made = reports.length > 0 ? effortOf(reports) : { engineRestarts: kept?.engineRestarts, steps: kept?.steps };
  return { phase: 'Ready', revision, ...made, pod: pod?.name ?? kept?.pod };
}

function stopped({ revision, report, reports, pod, job }: Stopped, previous: NodeRuntime | undefined): Fields {
  const before = previous?.revision === revision ? previous : undefined;
  const counted = before?.pod === pod?.name && before?.phase !== undefined && isStoppedPhase(before.phase);
  const attempts = (before?.attempts ?? 0) + (counted ? 0 : 1);
  const { step, reason = 'Unknown', message, hint } = report;
  const phase = phaseOfReport(report, job);
  return { phase, revision, step, reason, message, hint, attempts, ...effortOf(reports), pod: pod?.name };
}

function effortOf(reports: readonly NodeReport[]): Pick<Fields, 'engineRestarts' | 'steps'> {
  const engineRestarts = reports.reduce((sum, report) => sum + report.engineRestarts, 0);
  const steps = reports
    .filter(({ outcome }) => outcome !== 'skipped')
    .map(({ step, durationMs }) => ({ name: step, durationMs }));
  return { engineRestarts, steps };
}

const stoppedPhases: readonly Phase[] = ['Ineligible', 'Failed', 'RolledBack', 'Blocked'];

function isStoppedPhase(phase: Phase): boolean {
  return stoppedPhases.includes(phase);
}

function phaseOfReport({ outcome }: NodeReport, job: 'install' | 'remove'): Phase {
  switch (outcome) {
    case 'ineligible':
      return job === 'install' ? 'Ineligible' : 'Failed';
    case 'rolledBack':
      return 'RolledBack';
    case 'blocked':
      return 'Blocked';
    case 'failed':
    case 'skipped':
    case 'done':
    case 'unchanged':
      return 'Failed';
  }
}

function phaseOfStep(step: NodeStep): Phase {
  switch (step) {
    case 'probe':
    case 'plan':
    case 'preflight':
      return 'Preflight';
    case 'stage':
      return 'Staging';
    case 'activate':
      return 'Activating';
    case 'verify':
      return 'Verifying';
    case 'remove':
      return 'Removing';
  }
}

function withoutUndefined(entry: NodeRuntime): NodeRuntime {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as NodeRuntime;
}
