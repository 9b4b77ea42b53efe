// A Kubernetes status condition with a closed list of types; not tied to one kind.
import { z } from 'zod';

/** Schema of a list of `metav1.Condition` with these types. */
export function conditionsSchema<const T extends readonly [string, ...string[]]>(types: T) {
  return z
    .array(conditionSchema(types))
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });
}

function conditionSchema<const T extends readonly [string, ...string[]]>(types: T) {
  return z.object({
    type: z.enum(types).describe('What the condition is about.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    reason: z.string().describe('Why, in one CamelCase word; the same in events, metrics and logs.'),
    message: z.string().describe('Why, in one sentence that a person can act on.'),
    observedGeneration: z.number().int().optional().describe('The metadata.generation that it speaks of.'),
    lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When status last changed.'),
  });
}

export type Condition<T extends string = string> = {
  type: T;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  observedGeneration?: number | undefined;
  lastTransitionTime: string;
};
