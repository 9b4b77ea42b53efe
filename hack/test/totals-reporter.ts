// A vitest reporter that writes the run's totals and the reasons of skipped tests to a file. It prints nothing.
// vitest's own JSON reporter leaves out why a test was skipped, and counts a file that does not load as no test.
import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import type { Totals } from './totals.ts';

export const totalsFileVariable = 'BULKHEAD_TEST_TOTALS';

export interface RunSummary {
  readonly totals: Totals;
  /** One line for each skipped test: its name and why. */
  readonly skips: readonly string[];
}

export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env[totalsFileVariable];
    if (file !== undefined) writeFileSync(file, JSON.stringify(summarize(modules, unhandled.length)));
  }
}

function summarize(modules: readonly TestModule[], unhandledErrors: number): RunSummary {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  const brokenFiles = modules.filter(
    (module) => !module.ok() && ![...module.children.allTests('failed')].length,
  ).length;
  const skipped = tests.filter((test) => test.result().state === 'skipped');
  return {
    totals: {
      passed: count('passed'),
      failed: count('failed') + brokenFiles + unhandledErrors,
      skipped: skipped.length,
    },
    skips: skipped.map((test) => {
      const result = test.result();
      const why = 'note' in result && result.note ? result.note : 'no reason given';
      return `${test.module.relativeModuleId} > ${test.fullName}: ${why}`;
    }),
  };
}
