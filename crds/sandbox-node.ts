// SandboxNode: the truth about one node. Only the operator writes it; admins read it.
import { z } from 'zod';
import { nodeFacts } from './node-facts.ts';
import { nodeSteps } from './node-report.ts';

/** Where a node stands with one SandboxRuntime. */
export const phases = [
  'Ineligible',
  'Waiting',
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

export const nodeRuntime = z.object({
  name: z.string().describe('The SandboxRuntime.'),
  revision: z.string().optional().describe('What the node has, or is getting.'),
  phase: z.enum(phases),
  step: z.enum(nodeSteps).optional().describe('The step that did not succeed.'),
  reason: z.string().optional(),
  message: z.string().optional(),
  hint: z.string().optional(),
  attempts: z.number().int().optional().describe('Tries at this revision that did not succeed.'),
  engineRestarts: z.number().int().optional().describe('Restarts of the container engine that the last change took.'),
  steps: z
    .array(z.object({ name: z.enum(nodeSteps), durationMs: z.number().int() }))
    .optional()
    .describe('The steps of the last change.'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }),
});

export const sandboxNodeStatus = z.object({
  facts: nodeFacts.optional(),
  summary: z
    .object({ engine: z.string().optional(), kvm: z.string().optional(), runtimes: z.string().optional() })
    .optional()
    .describe('What kubectl get shows: engine with version, KVM, and each runtime with its phase.'),
  runtimes: z.array(nodeRuntime).optional(),
});

export type Phase = (typeof phases)[number];
export type NodeRuntime = z.infer<typeof nodeRuntime>;
export type SandboxNodeStatus = z.infer<typeof sandboxNodeStatus>;
