// The probe: what kind of node this is. It needs no task and no rights beyond reading.
import type { Host } from '../host/host.ts';
import { observeNode } from './observe-node.ts';
import type { StepResult } from './step.ts';

export async function probe(host: Host): Promise<StepResult> {
  const { facts } = await observeNode(host);
  return { outcome: 'unchanged', facts };
}
