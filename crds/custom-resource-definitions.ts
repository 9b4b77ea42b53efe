// The two CRDs as data, made from the zod schemas; hack/generate.ts writes them as YAML and the chart carries them.
import type { z } from 'zod';
import { validations, type CelRule } from './cel.ts';
import { dnsLabelPattern, dnsLabelWords } from './kubernetes-values.ts';
import { apiVersion, group, maxRuntimeNameLength } from './names.ts';
import { sandboxNodeStatus } from './sandbox-node.ts';
import { sandboxRuntimeSpec, sandboxRuntimeStatus } from './sandbox-runtime.ts';
import { structuralSchema, type StructuralSchema } from './structural-schema.ts';

type Column = { readonly name: string; readonly jsonPath: string; readonly description?: string };

type Kind = {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec?: z.ZodType;
  readonly status: z.ZodType;
  readonly rules: readonly CelRule[];
  readonly maxNameLength?: number;
  readonly columns: readonly Column[];
};

const sandboxRuntime: Kind = {
  kind: 'SandboxRuntime',
  plural: 'sandboxruntimes',
  shortName: 'sbr',
  description: 'A sandbox runtime that the nodes of the cluster are to have.',
  spec: sandboxRuntimeSpec,
  status: sandboxRuntimeStatus,
  maxNameLength: maxRuntimeNameLength,
  rules: [
    {
      rule: `self.metadata.name.matches(${JSON.stringify(dnsLabelPattern)})`,
      message: `metadata.name must be ${dnsLabelWords}`,
    },
  ],
  columns: [
    { name: 'Family', jsonPath: '.spec.family' },
    { name: 'Version', jsonPath: '.status.version' },
    { name: 'Ready', jsonPath: '.status.ready', description: 'Ready of eligible nodes.' },
    { name: 'Status', jsonPath: '.status.summary' },
  ],
};

const sandboxNode: Kind = {
  kind: 'SandboxNode',
  plural: 'sandboxnodes',
  shortName: 'sbn',
  description: 'What is known about the node of the same name, and where it stands with each SandboxRuntime.',
  status: sandboxNodeStatus,
  rules: [],
  columns: [
    { name: 'Engine', jsonPath: '.status.summary.engine' },
    { name: 'KVM', jsonPath: '.status.summary.kvm', description: 'Working hardware virtualization.' },
    { name: 'Runtimes', jsonPath: '.status.summary.runtimes', description: 'Each SandboxRuntime with its phase.' },
  ],
};

export const customResourceDefinitions = [sandboxRuntime, sandboxNode].map(definition);

function definition(of: Kind) {
  const { kind, plural, shortName } = of;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [shortName],
        categories: ['bulkhead'],
      },
      versions: [
        {
          name: apiVersion,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema(of) },
          subresources: { status: {} },
          additionalPrinterColumns: [
            ...of.columns.map((column) => ({ type: 'string', ...column })),
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  };
}

function objectSchema({ description, spec, status, rules, maxNameLength }: Kind): StructuralSchema {
  return {
    type: 'object',
    description,
    ...(spec && { required: ['spec'] }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: metadata(maxNameLength),
      ...(spec && { spec: { ...structuralSchema(spec), description: 'What is wanted.' } }),
      status: { ...structuralSchema(status), description: 'What is. Written by the operator.' },
    },
    ...(rules.length > 0 && validations(...rules)),
  };
}

/** `generateName` too, else the API server puts its own unbounded schema in place of this one to cost the rules. */
function metadata(maxLength: number | undefined): StructuralSchema {
  const name = { type: 'string', maxLength };
  return { type: 'object', ...(maxLength && { properties: { name, generateName: name } }) };
}
