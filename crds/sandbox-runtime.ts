// SandboxRuntime: what an admin asks for. The schema is the source of the CRD, of the types, and of the defaults.
import { z } from 'zod';
import { type CelRule, validations } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { dnsLabel, nodeLabels, resources, toleration } from './kubernetes-values.ts';
import { payload } from './payload-source.ts';

/** A number of nodes, or a share of the eligible ones such as `10%`. */
const countOrShare = z
  .union([z.number().int().min(1), z.string().regex(/^(100|[1-9][0-9]?)%$/)])
  .meta({ 'x-kubernetes-int-or-string': true, takes: 'a number of at least 1, or a share from 1% to 100%' });

const aliases = z.array(dnsLabel).max(8).meta({ 'x-kubernetes-list-type': 'set' });

const runtimeClass = z.object({
  name: dnsLabel.optional().describe("Name of the RuntimeClass. Default: the handler's name."),
  aliases: aliases.optional().describe('Further RuntimeClasses for the same handler.'),
  create: z.boolean().default(true).describe('Whether the operator makes the RuntimeClass.'),
  overhead: resources
    .optional()
    .describe("Resources that a pod needs beyond its containers, e.g. { memory: 160Mi }. Default: the catalogue's."),
  nodeSelector: nodeLabels
    .optional()
    .describe('Further labels that a node must carry, beside the one that says the handler is ready.'),
  tolerations: z.array(toleration).max(16).optional().describe('Tolerations that pods of the class get.'),
});

/** CEL without optionals: the API server cannot bound the cost of what `orValue` gives. */
const className = (of: string) =>
  `(has(${of}.runtimeClass) && has(${of}.runtimeClass.name) ? ${of}.runtimeClass.name : ${of}.name)`;
const hasAliases = (of: string) => `has(${of}.runtimeClass) && has(${of}.runtimeClass.aliases)`;
const classNames = (of: string) => `([${className(of)}] + (${hasAliases(of)} ? ${of}.runtimeClass.aliases : []))`;

/** A kernel parameter holds no blank. */
const kernelValue = z
  .string()
  .regex(/^[^\s"]+$/)
  .max(1024)
  .meta({ takes: 'text without blanks and quotes' });

const guest = z.object({
  pullImages: z.boolean().optional().describe('Whether the guest pulls the images, and not the node.'),
  httpsProxy: kernelValue.optional().describe('Proxy by which the guest pulls.'),
  noProxy: kernelValue.optional().describe('Hosts that the guest reaches without the proxy, e.g. .cluster.local.'),
});

const handler = z
  .object({
    name: dnsLabel.describe("Name in the container engine's config; RuntimeClass.handler."),
    variant: z
      .string()
      .max(63)
      .optional()
      .describe("One of the family's variants. Default: the variant of that name, else the family's default."),
    runtimeClass: runtimeClass.optional().describe('The RuntimeClass that users name in their pods.'),
    config: z
      .string()
      .max(16_384)
      .optional()
      .describe("TOML laid over the runtime's own config. Keys that the runtime does not read are refused."),
    allowedAnnotations: z
      .array(z.string().min(1).max(128))
      .max(64)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .optional()
      .describe('Settings that pods may change by annotation, beside those that the runtime allows anyway.'),
    debug: z.boolean().optional().describe('Whether the runtime, its agent and its hypervisor log in detail.'),
    guest: guest.optional().describe('The guest of a virtual machine.'),
    snapshotter: z
      .string()
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/)
      .max(63)
      .meta({ takes: "the name of a snapshotter plugin of the node's containerd" })
      .optional()
      .describe("Snapshotter of containerd for the images of pods. Default: the variant's, else containerd's own."),
    type: z
      .enum(['oci', 'shim-v2'])
      .optional()
      .describe("Family custom only: an OCI runtime that runc's shim calls, or a containerd shim of its own."),
    path: z
      .string()
      .regex(/^[^/\0]+(\/[^/\0]+)*$/)
      .max(512)
      .optional()
      .meta({ takes: 'a path inside the payload, without a slash at either end' })
      .describe('Family custom only: the program, e.g. bin/runnc.'),
    options: z
      .record(z.string(), z.string().max(512))
      .meta({ maxProperties: 16 })
      .optional()
      .describe("Family custom only: the handler's options in the engine's config; {dir} is the payload's folder."),
  })
  .meta(
    validations(
      {
        rule: `!(${hasAliases('self')}) || !(${className('self')} in self.runtimeClass.aliases)`,
        message: "runtimeClass.aliases must not repeat the name of the handler's own RuntimeClass",
      },
      {
        rule: "!has(self.path) || !self.path.split('/').exists(part, part == '.' || part == '..')",
        message: 'path must stay inside the payload',
      },
    ),
  );

const handlers = z
  .array(handler)
  .min(1)
  .max(16)
  .meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    ...validations({
      rule: `self.all(a, self.all(b, a.name == b.name || !${classNames('a')}.exists(name, name in ${classNames('b')})))`,
      message: 'a RuntimeClass name or alias must belong to one handler only',
    }),
  });

const readyLabels = nodeLabels.meta({
  ...nodeLabels.meta(),
  'x-kubernetes-validations': [
    ...((nodeLabels.meta()?.['x-kubernetes-validations'] ?? []) as readonly CelRule[]),
    {
      rule: "self.all(key, !key.contains('bulkhead.dev/'))",
      message: 'no key may be one of bulkhead.dev, which the operator keeps for itself',
    },
  ],
});

const nodes = z.object({
  selector: nodeLabels.optional().describe('Labels that a node must carry. Default: every Linux node.'),
  tolerations: z
    .array(toleration)
    .max(16)
    .optional()
    .describe('Taints of nodes that are to be changed all the same. Default: none, so control planes are left alone.'),
  labels: readyLabels
    .optional()
    .describe(
      "Labels that nodes carry while pods can use the runtime, beside the family's own and those of the handlers.",
    ),
});

const rollout = z.object({
  paused: z.boolean().default(false).describe('No further node is changed.'),
  maxUnavailable: countOrShare
    .default(1)
    .describe('Nodes that may change at the same time: a number, or a share such as 10%.'),
});

const drift = z.object({
  checkIntervalSeconds: z
    .number()
    .int()
    .min(0)
    .default(21_600)
    .describe('How often a node that has the runtime is looked at for what others have changed. 0: never.'),
  repair: z
    .boolean()
    .default(true)
    .describe('Whether such a node gets the runtime again, in its turn; without it, what was found is only told.'),
});

const removal = z.object({
  policy: z
    .enum(['WaitForPods', 'Force'])
    .default('WaitForPods')
    .describe('What to do with a node on which sandboxes run: wait until they are gone, or remove all the same.'),
});

/** Family whose handlers the admin describes in full. */
export const customFamily = 'custom';
const isCustom = `self.family == '${customFamily}'`;

export const sandboxRuntimeSpec = z
  .object({
    family: z
      .string()
      .min(1)
      .max(63)
      .meta(
        validations({
          rule: 'self == oldSelf',
          message: 'family cannot change; delete the SandboxRuntime and create another',
        }),
      )
      .describe('Runtime family of the catalogue, e.g. gvisor; or custom.'),
    version: z.string().min(1).max(63).optional().describe("Version of the family. Default: the catalogue's first."),
    payload: payload.optional().describe('Where the files come from. Default: what the catalogue has for the version.'),
    handlers: handlers.optional().describe("What nodes get. Default: the family's default handlers."),
    nodes: nodes.optional().describe('Which nodes get the runtime.'),
    rollout: rollout.prefault({}).describe('How the nodes are changed.'),
    drift: drift.prefault({}).describe('What happens when somebody changes what was installed.'),
    removal: removal.prefault({}).describe('How the runtime leaves the nodes.'),
    mode: z
      .enum(['Apply', 'Plan'])
      .default('Apply')
      .describe('Plan: nothing is changed anywhere; the SandboxNodes say what would be, as a diff.'),
  })
  .meta(
    validations(
      {
        rule: `!(${isCustom}) || (has(self.payload) && has(self.handlers))`,
        message: 'the family custom must have payload and handlers',
      },
      {
        rule: `!has(self.handlers) || self.handlers.all(each, ${isCustom} == (has(each.type) && has(each.path)))`,
        message: "every handler of the family custom must have type and path, and no other family's may",
      },
    ),
  );

export const conditionTypes = ['Ready', 'Progressing', 'Degraded', 'Paused', 'RemovalBlocked', 'Planned'] as const;

const nodeCounts = z.object({
  eligible: z.number().int().describe('Nodes that are to have the runtime.'),
  ready: z.number().int().describe('Eligible nodes that have it, verified.'),
  changing: z.number().int().describe('Nodes that change now.'),
  failed: z.number().int().describe('Nodes whose change did not succeed.'),
  skipped: z.number().int().describe('Selected nodes that cannot take the runtime.'),
  outdated: z.number().int().describe('Nodes with an earlier revision.'),
});

const handlerStatus = z.object({
  name: z.string().describe('The handler.'),
  runtimeClass: z.string().describe('Its RuntimeClass.'),
  nodesReady: z.number().int().describe('Nodes on which pods can use it.'),
});

export const sandboxRuntimeStatus = z.object({
  observedGeneration: z.number().int().optional().describe('The metadata.generation that the status speaks of.'),
  revision: z.string().optional().describe('Hash of everything that decides what a node gets.'),
  version: z.string().optional().describe('The version that nodes get.'),
  ready: z.string().optional().describe('Ready of eligible nodes, e.g. 12/14.'),
  summary: z
    .string()
    .optional()
    .describe(
      'One word: Ready, Progressing, Degraded, Paused, Removing, RemovalBlocked, Planning, Planned or a reason.',
    ),
  nodes: nodeCounts.optional().describe('Numbers of nodes.'),
  handlers: z
    .array(handlerStatus)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('What pods can use.'),
  conditions: conditionsSchema(conditionTypes).optional().describe('The state in words.'),
});

export type Toleration = z.infer<typeof toleration>;
export type SandboxRuntimeSpec = z.infer<typeof sandboxRuntimeSpec>;
export type SandboxRuntimeHandler = z.infer<typeof handler>;
export type SandboxRuntimeStatus = z.infer<typeof sandboxRuntimeStatus>;
