// Turns a zod schema into the structural OpenAPI schema of a CRD; refuses what such a schema cannot say.
import { z } from 'zod';
import type { CelRule } from './cel.ts';

/** A node of `openAPIV3Schema`. Source: Kubernetes `apiextensions.k8s.io/v1` JSONSchemaProps. */
export type StructuralSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  readonly [keyword: string]: unknown;
};

type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that mean the same in both. */
const kept = new Set(
  `type description format enum default required nullable minLength maxLength minItems maxItems minProperties
   maxProperties minimum maximum x-kubernetes-list-type x-kubernetes-list-map-keys`.split(/\s+/),
);
/** Keywords that `convert` reads itself. */
const converted = new Set('properties items additionalProperties pattern takes x-kubernetes-validations'.split(' '));
const intOrString = 'x-kubernetes-int-or-string';

/**
 * The schema of what a client writes: fields with a default are not required.
 *
 * A `pattern` becomes a CEL rule, for an error with a regular expression helps nobody:
 * its schema says in `.meta({ takes: 'a …' })` what the field takes.
 *
 * *Errors*: throws, naming the field, for unions, patterns without `takes` and keywords that would be lost.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' });
  return convert(json, '');
}

function convert(json: JsonSchema, path: string): StructuralSchema {
  if (json[intOrString] === true) return convertIntOrString(json, path);
  refuseUnknown(json, path);
  return {
    ...Object.fromEntries(Object.entries(json).filter(isMeant)),
    ...convertEnum(json),
    ...convertChildren(json, path),
    ...rules(json, patternRules(json, path)),
  };
}

function convertChildren(json: JsonSchema, path: string): Partial<StructuralSchema> {
  const { properties, items, additionalProperties } = json as { [key: string]: JsonSchema | undefined };
  return {
    ...(properties && { properties: convertProperties(properties, path) }),
    ...(items && { items: convert(items, `${path}[]`) }),
    ...(additionalProperties && { additionalProperties: convert(additionalProperties, `${path}{}`) }),
  };
}

function convertProperties(properties: JsonSchema, path: string): Record<string, StructuralSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, convert(value as JsonSchema, `${path}.${name}`)]),
  );
}

/** Zod gives every integer the bounds of a safe one; they only clutter the CRD. */
function isMeant([key, value]: [string, unknown]): boolean {
  return kept.has(key) && value !== Number.MIN_SAFE_INTEGER && value !== Number.MAX_SAFE_INTEGER;
}

/** Zod types number literals as `number`. */
function convertEnum({ enum: values }: JsonSchema): Partial<StructuralSchema> {
  return Array.isArray(values) && values.every(Number.isInteger) ? { type: 'integer' } : {};
}

/** The one union that Kubernetes has. *Shape*: `anyOf` an integer with a minimum and a string with a pattern. */
function convertIntOrString(json: JsonSchema, path: string): StructuralSchema {
  const { anyOf, [intOrString]: _, takes, ...rest } = json;
  const [integer, string, more] = anyOf as JsonSchema[];
  if (integer?.['type'] !== 'integer' || string?.['type'] !== 'string' || more) {
    throw new Error(`Cannot convert ${path}: ${intOrString} takes a union of an integer and a string.`);
  }
  const rule = `type(self) == int ? self >= ${String(integer['minimum'])} : ${matches(string['pattern'])}`;
  return { ...convert(rest, path), [intOrString]: true, ...rules(rest, [{ rule, message: mustBe(takes, path) }]) };
}

function patternRules({ pattern, takes }: JsonSchema, path: string): CelRule[] {
  return pattern === undefined ? [] : [{ rule: matches(pattern), message: mustBe(takes, path) }];
}

function rules(json: JsonSchema, more: readonly CelRule[]): Partial<StructuralSchema> {
  const own = (json['x-kubernetes-validations'] ?? []) as readonly CelRule[];
  return own.length + more.length === 0 ? {} : { 'x-kubernetes-validations': [...more, ...own] };
}

/** JSON's escapes are CEL's too. */
function matches(pattern: unknown): string {
  return `self.matches(${JSON.stringify(pattern)})`;
}

function mustBe(takes: unknown, path: string): string {
  if (typeof takes === 'string') return `must be ${takes}`;
  throw new Error(`Cannot convert ${path}: it has a pattern but no words for it. Add .meta({ takes: 'a …' }).`);
}

function refuseUnknown(json: JsonSchema, path: string): void {
  for (const key of Object.keys(json)) {
    if (kept.has(key) || converted.has(key)) continue;
    const hint = ['anyOf', 'oneOf', 'allOf'].includes(key)
      ? 'A structural schema has no unions: use one object with optional fields and CEL rules.'
      : 'Teach structural-schema.ts what it means.';
    throw new Error(`Cannot convert ${path || 'the schema'}: it has the keyword ${key}. ${hint}`);
  }
}
