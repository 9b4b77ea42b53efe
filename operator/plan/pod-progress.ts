// How far the init containers of a node pod are, read from their states and reports; decides nothing about the node.
import type { IIoK8sApiCoreV1ContainerStatus as ContainerStatus } from 'kubernetes-models/v1/ContainerStatus';
import { type NodeReport, type NodeStep, nodeSteps, parseReport } from '../../crds/node-report.ts';

type Ended = { readonly exitCode: number; readonly reason?: string; readonly message?: string };

export type Trouble = { readonly reason: string; readonly message: string };

/**
 * - `Pending`: nothing runs; `trouble` is what kubelet says about it, e.g. an image that it cannot pull.
 * - `Stopped`: the pod has ended short of its aim, with the report that says why.
 * - `Crashed`: a container ended as no container of ours should; kubelet starts it again by itself.
 */
export type PodProgress =
  | { readonly kind: 'Pending'; readonly step: NodeStep; readonly trouble?: Trouble }
  | { readonly kind: 'Running'; readonly step: NodeStep }
  | { readonly kind: 'Succeeded'; readonly reports: readonly NodeReport[] }
  | { readonly kind: 'Stopped'; readonly report: NodeReport; readonly reports: readonly NodeReport[] }
  | { readonly kind: 'Crashed'; readonly step: NodeStep; readonly message: string };

/** @param steps names of the pod's init containers, in order */
export function progressOf(steps: readonly string[], statuses: readonly ContainerStatus[]): PodProgress {
  const reports: NodeReport[] = [];
  for (const step of steps.filter(isStep)) {
    const status = statuses.find(({ name }) => name === step);
    const ended = status?.state?.terminated;
    if (ended?.exitCode !== 0) {
      const progress = unfinished(step, status);
      const cannotStart = progress.kind === 'Pending' && progress.trouble !== undefined;
      // It would only skip: a node that refuses need not have the image of the later steps.
      return (cannotStart && stopped(reports)) || progress;
    }
    reports.push(reportOf(step, ended.message));
  }
  if (reports.length === 0) return { kind: 'Pending', step: 'preflight' };
  return stopped(reports) ?? { kind: 'Succeeded', reports };
}

function stopped(reports: readonly NodeReport[]): PodProgress | undefined {
  const report = reports.find(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
  return report && { kind: 'Stopped', report, reports };
}

function unfinished(step: NodeStep, status: ContainerStatus | undefined): PodProgress {
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  if (status?.state?.running) return { kind: 'Running', step };
  if (ended && isLost(ended))
    return { kind: 'Pending', step, ...(!hasReport(ended) && { trouble: interrupted(step) }) };
  if (ended && ended.exitCode !== 0) return { kind: 'Crashed', step, message: crashMessage(step, ended) };
  const { reason, message } = status?.state?.waiting ?? {};
  if (!reason || reason === 'PodInitializing' || reason === 'ContainerCreating') return { kind: 'Pending', step };
  return { kind: 'Pending', step, trouble: { reason, message: message ?? reason } };
}

/**
 * *Source*: containerd has the exit code 255 and the reason `Unknown` for a container whose end it missed, as it does when the
 * power fails, and while it restarts for another runtime on the node. kubelet runs the step again.
 */
function isLost({ exitCode, reason }: Ended): boolean {
  return exitCode === 255 && reason === 'Unknown';
}

/** What a step has said is true, whatever became of its container; run again, it finds its work done. */
function hasReport({ message }: Ended): boolean {
  return parseReport(message ?? '').kind === 'Report';
}

function interrupted(step: NodeStep): Trouble {
  const message = `The container ${step} was cut off: the node or its engine went down while it ran. It is run again.`;
  return { reason: 'StepInterrupted', message };
}

function crashMessage(step: NodeStep, ended: Ended): string {
  const detail = ended.message?.trim() || ended.reason || 'no message';
  return `The container ${step} ended with exit code ${ended.exitCode}: ${detail.slice(0, 500)}`;
}

function reportOf(step: NodeStep, message: string | undefined): NodeReport {
  const parsed = parseReport(message ?? '');
  if (parsed.kind === 'Report') return parsed.report;
  return {
    step,
    outcome: 'failed',
    reason: 'ReportUnreadable',
    message: `The container ${step} left a report that cannot be read: ${parsed.why.slice(0, 300)}`,
    hint: 'Check that the installer image has the same version as the operator.',
    durationMs: 0,
    engineRestarts: 0,
  };
}

function isStep(name: string): name is NodeStep {
  return (nodeSteps as readonly string[]).includes(name);
}
