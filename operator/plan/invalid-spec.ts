// A spec that means nothing, with the reason that the status carries.

export type InvalidSpec = {
  readonly kind: 'InvalidSpec';
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
};

export function invalid(reason: string, message: string, hint: string): InvalidSpec {
  return { kind: 'InvalidSpec', reason, message, hint };
}

export function unknown(
  kind: 'Family' | 'Version' | 'Variant',
  name: string,
  what: string,
  known: readonly string[],
): InvalidSpec {
  return invalid(`Unknown${kind}`, `There is no ${what} called ${name}.`, `Use one of: ${known.join(', ')}.`);
}
