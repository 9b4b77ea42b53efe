// Runs every check of the sources at the same time and says in one line each how it went. It builds and starts nothing.
import { availableParallelism } from 'node:os';
import { tryRun } from './run.ts';
import { runVitest } from './test/run-vitest.ts';
import { addTotals, isSuccess, type Totals } from './test/totals.ts';

interface Outcome {
  readonly totals: Totals;
  /** Shown when the check fails. */
  readonly output: string;
}

interface Check {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

/** The longest first, so that the short ones fill the gaps. */
const checks: readonly Check[] = [
  { name: 'unit tests', run: () => runVitest('unit', false) },
  { name: 'dead code', run: () => command('node_modules/.bin/knip') },
  { name: 'lint', run: () => command('node_modules/.bin/oxlint', '--type-aware', '--deny-warnings') },
  { name: 'types', run: () => command('node_modules/.bin/tsc', '--noEmit') },
  { name: 'format', run: () => command('node_modules/.bin/oxfmt', '--check') },
  { name: 'generated', run: () => command('node', 'hack/generate.ts', '--check') },
];

/** Runs all checks, prints one line each as they end, and gives the sum: one per check, one per unit test. */
export async function runChecks(): Promise<Totals> {
  const queue = [...checks];
  const results: Totals[] = [];
  const worker = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) results.push(await runCheck(check));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return addTotals(results);
}

async function runCheck({ name, run }: Check): Promise<Totals> {
  const startedAt = performance.now();
  const { totals, output } = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const ok = isSuccess(totals);
  const tests = totals.passed + totals.failed > 1 ? `  ${totals.passed} of ${totals.passed + totals.failed}` : '';
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds.padStart(5)} s${tests}`);
  if (!ok) console.log(`${output.trim().replaceAll(/^/gm, '     ')}\n`);
  return totals;
}

async function command(...words: string[]): Promise<Outcome> {
  const { code, output } = await tryRun(words);
  const ok = code === 0;
  return { totals: { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, output };
}

if (import.meta.main) process.exitCode = isSuccess(await runChecks()) ? 0 : 1;
