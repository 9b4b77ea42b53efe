// The hash of everything that decides what a node gets; the hash function itself comes from outside.

/** Hex digest of a text, e.g. SHA-256. */
export type Hash = (text: string) => string;

/** Twelve hex digits, the same for the same content however its keys are ordered; fits a label value. */
export function revisionOf(content: unknown, hash: Hash): string {
  return hash(canonical(content)).slice(0, 12);
}

/** JSON with sorted keys and without what is undefined. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
