// How many tests passed, failed and were skipped: counting and the line that sums it up. It runs nothing.

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const noTotals: Totals = { passed: 0, failed: 0, skipped: 0 };

export function addTotals(all: readonly Totals[]): Totals {
  return all.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    noTotals,
  );
}

/** *Shape*: `N passed, N failed`, and `, N skipped` when there are any. Machines read this line: keep it. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** A run in which nothing passed has proved nothing, so it is not a success. */
export function isSuccess({ passed, failed }: Totals): boolean {
  return failed === 0 && passed > 0;
}
