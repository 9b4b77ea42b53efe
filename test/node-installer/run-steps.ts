// Runs steps of the installer one after the other on a host, as the containers of one pod would.
import type { NodeReport, NodeStep } from '../../crds/node-report.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../../node-installer/host/host.ts';
import type { OutcomeNote } from '../../node-installer/outcome-file.ts';
import type { PayloadSource } from '../../node-installer/payload/source.ts';
import { runStep } from '../../node-installer/run-step.ts';

export const install = ['preflight', 'stage', 'activate', 'verify'] as const;

export async function runSteps(
  host: Host,
  payload: PayloadSource,
  task: NodeTask,
  steps: readonly NodeStep[],
): Promise<NodeReport[]> {
  const reports: NodeReport[] = [];
  let before: OutcomeNote | undefined;
  for (const step of steps) {
    const { report, note } = await runStep(step, { host, payload, taskText: JSON.stringify(task), before });
    reports.push(report);
    before = note;
  }
  return reports;
}
