// The labels on everything the operator makes.
import { type NodeJob, jobLabel, runtimeLabel } from '../../crds/names.ts';

export const ownLabels = {
  'app.kubernetes.io/name': 'bulkhead',
  'app.kubernetes.io/managed-by': 'bulkhead-operator',
} as const;

export function jobLabels(job: NodeJob, runtime?: string): Record<string, string> {
  return { ...ownLabels, [jobLabel]: job, ...(runtime !== undefined && { [runtimeLabel]: runtime }) };
}
