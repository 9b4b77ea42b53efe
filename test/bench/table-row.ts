// A row of a benchmark's table: two things measured in turns in one run, and the ratio of their medians.

/** *Units*: ms. */
export type Measured = { readonly base: number[]; readonly ours: number[] };

export function tableRow(name: string, { base, ours }: Measured): string {
  const ratio = (median(ours) / median(base)).toFixed(2);
  return `| ${name} | ${withRange(base)} | ${withRange(ours)} | ${ratio} |`;
}

function withRange(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
