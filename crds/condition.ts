// A Kubernetes status condition with a closed list of types; not tied to one kind.
import { z } from 'zod';

/** Schema of `metav1.Condition` for these types. */
export function conditionSchema<const T extends readonly [string, ...string[]]>(types: T) {
  return z.object({
    type: z.enum(types),
    status: z.enum(['True', 'False', 'Unknown']),
    reason: z.string(),
    message: z.string(),
    observedGeneration: z.number().int().optional(),
    lastTransitionTime: z.string().meta({ format: 'date-time' }),
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
