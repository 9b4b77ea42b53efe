// Claims about the CRDs as data; whether an API server takes them is for test/integration.
import { describe, expect, it } from 'vitest';
import { customResourceDefinitions } from './custom-resource-definitions.ts';
import type { StructuralSchema } from './structural-schema.ts';

const schemas = customResourceDefinitions.map(
  ({ spec }) => [spec.names.kind, spec.versions[0]!.schema.openAPIV3Schema] as const,
);

describe('customResourceDefinitions', () => {
  it.each([
    ['SandboxRuntime', 'sbr', ['Family', 'Version', 'Ready', 'Status', 'Age']],
    ['SandboxNode', 'sbn', ['Engine', 'KVM', 'Runtimes', 'Age']],
  ])('%s is cluster-scoped, is called %s for short and prints its columns', (kind, shortName, columns) => {
    const { spec } = customResourceDefinitions.find((crd) => crd.spec.names.kind === kind)!;
    expect(spec.scope).toBe('Cluster');
    expect(spec.names).toMatchObject({ shortNames: [shortName], categories: ['bulkhead'] });
    expect(spec.versions[0]!.additionalPrinterColumns.map(({ name }) => name)).toEqual(columns);
  });

  it.each(schemas)('%s describes every field in a sentence', (_, schema) => {
    const fields = [...fieldsBelow(schema.properties!['spec']), ...fieldsBelow(schema.properties!['status'])];
    expect(fields.length).toBeGreaterThan(10);
    expect(fields.filter(([, { description }]) => !/^(\p{Lu}|\/).*\.$/su.test(description ?? ''))).toEqual([]);
  });

  it.each(schemas)(
    '%s bounds every string and list of the spec, so that the API server can bound the cost of rules',
    (_, schema) => {
      const unbounded = fieldsBelow(schema.properties!['spec']).filter(
        ([, { type, enum: values, maxLength, maxItems }]) =>
          (type === 'string' && !values && !maxLength) || (type === 'array' && !maxItems),
      );
      expect(unbounded).toEqual([]);
    },
  );
});

function fieldsBelow(schema: StructuralSchema | undefined, path = ''): [string, StructuralSchema][] {
  const fields = Object.entries(schema?.properties ?? {}).map(([name, value]) => [`${path}.${name}`, value] as const);
  return [
    ...fields.flatMap(([at, value]) => [[at, value] as [string, StructuralSchema], ...fieldsBelow(value, at)]),
    ...(schema?.items ? fieldsBelow(schema.items, `${path}[]`) : []),
  ];
}
