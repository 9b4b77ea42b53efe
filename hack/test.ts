// Runs every check and every test there is, after building what they need, and ends with one line of totals.
import { ensureAll } from './build/ensure.ts';
import { runChecks } from './check.ts';
import { progress } from './progress.ts';
import { type Project, runVitest } from './test/run-vitest.ts';
import { addTotals, isSuccess, type Totals, totalsLine } from './test/totals.ts';

const say = progress('test');
const failed: Totals = { passed: 0, failed: 1, skipped: 0 };

/** What the integration tests run: built before, since a test has less time than a compiler takes. */
const programs = [
  'kubernetes',
  'etcd',
  'crictl',
  'runc',
  'containerd-1.7',
  'containerd-2.0',
  'containerd-2.1',
  'containerd-2.2',
  'containerd-2.3',
  'containerd-2.4',
  'crio',
  'pause',
  'gvisor',
] as const;

async function main(): Promise<void> {
  say('checks');
  const checks = await runChecks();
  const integration = await runProject('integration', async () => {
    await ensureAll(programs, say);
  });
  const e2e = await runProject('e2e', async () => {});
  // One after the other: an emulated node needs the processors for itself.
  const vm = await runProject('vm', async () => {});
  const totals = addTotals([checks, integration, e2e, vm]);
  console.log(totalsLine(totals));
  process.exitCode = isSuccess(totals) ? 0 : 1;
}

/** A project whose preparation fails counts as one failure, and the rest still runs. */
async function runProject(project: Project, prepare: () => Promise<void>): Promise<Totals> {
  say(`${project} tests`);
  try {
    await prepare();
  } catch (error) {
    say(`Cannot prepare the ${project} tests: ${String(error)}`);
    return failed;
  }
  const { totals, skips } = await runVitest(project, true);
  for (const skip of skips) say(`skipped: ${skip}`);
  say(`${project}: ${totalsLine(totals)}`);
  return totals;
}

await main();
