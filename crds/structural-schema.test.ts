// Tests of the converter on small schemas; what it makes of ours is checked beside the CRDs.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { validations } from './cel.ts';
import { structuralSchema } from './structural-schema.ts';

const field = (schema: z.ZodType) => structuralSchema(z.object({ field: schema })).properties?.['field'];

describe('structuralSchema()', () => {
  it('leaves out what a structural schema must not have, at every depth', () => {
    const nested = z.object({ list: z.array(z.object({ map: z.record(z.string(), z.object({})) })) });
    expect(JSON.stringify(structuralSchema(nested))).not.toMatch(/additionalProperties":false|\$schema/);
  });

  it('requires what has no default and is not optional', () => {
    const schema = z.object({ a: z.string(), b: z.string().optional(), c: z.string().default('x') });
    expect(structuralSchema(schema)).toMatchObject({ required: ['a'], properties: { c: { default: 'x' } } });
  });

  it('gives an object of defaults an empty default, so that its fields get theirs', () => {
    expect(field(z.object({ paused: z.boolean().default(false) }).prefault({}))).toMatchObject({
      default: {},
      properties: { paused: { default: false } },
    });
  });

  it.each([
    ['a safe integer', z.number().int(), { type: 'integer' }],
    ['an integer with bounds', z.number().int().min(1).max(9), { type: 'integer', minimum: 1, maximum: 9 }],
    ['number literals', z.literal([1, 2]), { type: 'integer', enum: [1, 2] }],
    ['a choice', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    [
      'a map',
      z.record(z.string(), z.string().max(9)),
      { type: 'object', additionalProperties: { type: 'string', maxLength: 9 } },
    ],
    [
      'a list',
      z.array(z.string()).min(1).max(2),
      { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } },
    ],
    ['a date', z.string().meta({ format: 'date-time' }), { type: 'string', format: 'date-time' }],
    ['a description', z.string().describe('What it is.'), { type: 'string', description: 'What it is.' }],
    [
      'a list with a key',
      z.array(z.object({})).meta({ 'x-kubernetes-list-type': 'map' }),
      { 'x-kubernetes-list-type': 'map' },
    ],
  ])('converts %s', (_, schema, expected) => {
    expect(field(schema)).toMatchObject(expected);
    expect(field(schema)).not.toHaveProperty('minimum', Number.MIN_SAFE_INTEGER);
    expect(field(schema)).not.toHaveProperty('maximum', Number.MAX_SAFE_INTEGER);
  });

  it('turns a pattern into a rule that says in words what the field takes', () => {
    expect(field(z.string().regex(/^\d+$/).meta({ takes: 'a number' }))).toEqual({
      type: 'string',
      'x-kubernetes-validations': [{ rule: String.raw`self.matches("^\\d+$")`, message: 'must be a number' }],
    });
  });

  it('keeps the rules of a schema beside the one made from its pattern', () => {
    const own = { rule: 'self != "b"', message: 'must not be b' };
    const schema = z
      .string()
      .regex(/^.$/)
      .meta({ takes: 'one letter', ...validations(own) });
    expect(field(schema)?.['x-kubernetes-validations']).toEqual([
      { rule: 'self.matches("^.$")', message: 'must be one letter' },
      own,
    ]);
  });

  it('turns the union of an integer and a string into int-or-string', () => {
    const countOrShare = z
      .union([z.number().int().min(1), z.string().regex(/%$/)])
      .meta({ 'x-kubernetes-int-or-string': true, takes: 'a count or a share' })
      .default(1);
    expect(field(countOrShare)).toEqual({
      default: 1,
      'x-kubernetes-int-or-string': true,
      'x-kubernetes-validations': [
        { rule: 'type(self) == int ? self >= 1 : self.matches("%$")', message: 'must be a count or a share' },
      ],
    });
  });

  it.each([
    ['a union', z.union([z.string(), z.boolean()]), 'Cannot convert .field: it has the keyword anyOf.'],
    ['a pattern without words', z.string().regex(/a/), 'Cannot convert .field: it has a pattern but no words for it.'],
    [
      'a union in a list',
      z.array(z.union([z.string(), z.boolean()])),
      'Cannot convert .field[]: it has the keyword anyOf.',
    ],
    ['a keyword that would be lost', z.number().multipleOf(2), 'Cannot convert .field: it has the keyword multipleOf.'],
    [
      'another union as int-or-string',
      z.union([z.string(), z.boolean()]).meta({ 'x-kubernetes-int-or-string': true }),
      'Cannot convert .field: x-kubernetes-int-or-string takes a union of an integer and a string.',
    ],
  ])('refuses %s and names the field', (_, schema, message) => {
    expect(() => field(schema)).toThrow(message);
  });
});
