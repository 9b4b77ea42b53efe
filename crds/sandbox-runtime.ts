// SandboxRuntime: what an admin asks for. The schema is the source of the CRD, of the types, and of the defaults.
import { z } from 'zod';
import { conditionSchema } from './condition.ts';

const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).max(63);
const labels = z.record(z.string(), z.string());

/** A number of nodes, or a share of the eligible ones such as `10%`. */
const countOrShare = z
  .union([z.number().int().min(1), z.string().regex(/^(100|[1-9][0-9]?)%$/)])
  .meta({ 'x-kubernetes-int-or-string': true });

const toleration = z.object({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.number().int().optional(),
});

const runtimeClass = z.object({
  name: dnsLabel.optional().describe("Name of the RuntimeClass. Default: the handler's name."),
  aliases: z.array(dnsLabel).max(8).optional().describe('Further RuntimeClasses for the same handler.'),
  create: z.boolean().default(true).describe('Whether the operator makes the RuntimeClass.'),
  overhead: z.record(z.string(), z.string()).optional().describe("Resources that a pod needs beyond its containers, e.g. { memory: 160Mi }. Default: the catalogue's."),
  nodeSelector: labels.optional().describe('Further labels that a node must carry, beside the one that says the handler is ready.'),
  tolerations: z.array(toleration).max(16).optional().describe('Tolerations that pods of the class get.'),
});

const handler = z.object({
  name: dnsLabel.describe("Name in the container engine's config; RuntimeClass.handler."),
  variant: z.string().max(63).optional().describe("One of the family's variants. Default: the variant of that name, else the family's default."),
  runtimeClass: runtimeClass.optional(),
});

export const sandboxRuntimeSpec = z.object({
  family: z.string().min(1).max(63).describe('Runtime family of the catalogue: gvisor.'),
  version: z.string().min(1).max(63).optional().describe("Version of the family. Default: the catalogue's newest."),
  payload: z
    .object({ image: z.string().min(1).describe('OCI image with the payload in /payload and the node installer.') })
    .optional()
    .describe("Where the files come from. Default: the catalogue's image for the version."),
  handlers: z.array(handler).min(1).max(16).optional().describe("Default: the family's default handlers."),
  nodes: z
    .object({
      selector: labels.optional().describe('Labels that a node must carry. Default: every Linux node.'),
      tolerations: z.array(toleration).max(16).optional().describe('Taints of nodes that are to be changed all the same. Default: none, so control planes are left alone.'),
    })
    .optional(),
  rollout: z
    .object({
      paused: z.boolean().default(false).describe('No further node is changed.'),
      maxUnavailable: countOrShare.default(1).describe('Nodes that may change at the same time.'),
    })
    .prefault({}),
  removal: z
    .object({ policy: z.enum(['WaitForPods', 'Force']).default('WaitForPods').describe('What to do with a node on which sandboxes run.') })
    .prefault({}),
});

export const conditionTypes = ['Ready', 'Progressing', 'Degraded', 'Paused', 'RemovalBlocked'] as const;

export const sandboxRuntimeStatus = z.object({
  observedGeneration: z.number().int().optional(),
  revision: z.string().optional().describe('Hash of everything that decides what a node gets.'),
  version: z.string().optional(),
  ready: z.string().optional().describe('Ready of eligible nodes, e.g. 12/14.'),
  summary: z.string().optional().describe('One word: Ready, Progressing, Degraded, Paused, Removing, RemovalBlocked or a reason.'),
  nodes: z
    .object({
      eligible: z.number().int(),
      ready: z.number().int(),
      changing: z.number().int(),
      failed: z.number().int(),
      skipped: z.number().int(),
      outdated: z.number().int(),
    })
    .optional(),
  handlers: z.array(z.object({ name: z.string(), runtimeClass: z.string(), nodesReady: z.number().int() })).optional(),
  conditions: z.array(conditionSchema(conditionTypes)).optional(),
});

export type Toleration = z.infer<typeof toleration>;
export type SandboxRuntimeSpec = z.infer<typeof sandboxRuntimeSpec>;
export type SandboxRuntimeHandler = z.infer<typeof handler>;
export type SandboxRuntimeStatus = z.infer<typeof sandboxRuntimeStatus>;
