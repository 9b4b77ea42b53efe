// SandboxNode: the truth about one node. Only the operator writes it; admins read it.
import { z } from 'zod';
import { nodeFacts } from './node-facts.ts';
import { nodeSteps } from './node-report.ts';

/** Where a node stands with one SandboxRuntime. */
export const phases = [
  'Ineligible',
  'Waiting',
  'Planned',
  'Preflight',
  'Staging',
  'Activating',
  'Verifying',
  'Ready',
  'Failed',
  'RolledBack',
  'Removing',
  'Blocked',
] as const;

const stepDuration = z.object({
  name: z.enum(nodeSteps).describe('The step.'),
  durationMs: z.number().int().describe('How long it took, in milliseconds.'),
});

const check = z.object({
  pod: z.string().describe('The pod that looked.'),
  time: z.string().meta({ format: 'date-time' }).describe('When it was done.'),
  drift: z.array(z.string()).optional().describe('What is not as an install leaves it; absent when all is.'),
  leftovers: z.array(z.string()).optional().describe('Folders of earlier versions that nothing runs from any more.'),
});

export const nodeRuntime = z.object({
  name: z.string().describe('The SandboxRuntime.'),
  revision: z.string().optional().describe('What the node has, or is getting.'),
  phase: z.enum(phases).describe('Where the node stands.'),
  step: z.enum(nodeSteps).optional().describe('The step that did not succeed.'),
  reason: z.string().optional().describe('Why the node is not Ready, in one CamelCase word.'),
  message: z.string().optional().describe('Why the node is not Ready, in one sentence.'),
  hint: z.string().optional().describe('What to do about it.'),
  plan: z.string().optional().describe('What an install would do to the node, with changed lines (spec.mode: Plan).'),
  check: check.optional().describe('The last look for what others have changed since the install.'),
  pod: z.string().optional().describe('The pod on the node that did, or does, the work.'),
  attempts: z.number().int().optional().describe('Tries at this revision that did not succeed.'),
  engineRestarts: z.number().int().optional().describe('Restarts of the container engine that the last change took.'),
  steps: z.array(stepDuration).optional().describe('The steps of the last change.'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When phase last changed.'),
});

const summary = z.object({
  engine: z.string().optional().describe('Container engine with version, e.g. containerd 2.3.7.'),
  kvm: z.string().optional().describe('Whether the node has working hardware virtualization.'),
  runtimes: z.string().optional().describe('Each SandboxRuntime with its phase.'),
});

export const sandboxNodeStatus = z.object({
  facts: nodeFacts.optional().describe('What the probe found.'),
  summary: summary.optional().describe('What kubectl get shows.'),
  runtimes: z
    .array(nodeRuntime)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('Where the node stands with each SandboxRuntime.'),
});

export type Phase = (typeof phases)[number];
export type NodeRuntime = z.infer<typeof nodeRuntime>;
export type SandboxNodeStatus = z.infer<typeof sandboxNodeStatus>;
