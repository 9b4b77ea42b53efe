// CEL rules as schema metadata: what the API server checks beyond types. Zod does not evaluate them.

/** One entry of `x-kubernetes-validations`. `self` is the value that carries the rule. */
export type CelRule = {
  readonly rule: string;
  /** What the field takes, as the end of "spec.field: Invalid value: …". */
  readonly message: string;
  /** CEL that makes a better message from the value; `message` stands in when it fails. */
  readonly messageExpression?: string;
};

/** The rules, ready for `.meta()`. */
export function validations(...rules: readonly CelRule[]): { 'x-kubernetes-validations': readonly CelRule[] } {
  return { 'x-kubernetes-validations': rules };
}
