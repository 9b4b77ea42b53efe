// Runs one vitest project and gives its totals. It does not prepare what the tests need.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunSummary, totalsFileVariable } from './totals-reporter.ts';

export type Project = 'unit' | 'integration' | 'e2e' | 'vm';

export interface VitestRun extends RunSummary {
  /** What vitest printed; empty when it was shown at once. */
  readonly output: string;
}

/** @param show prints while tests run; otherwise the output is collected */
export async function runVitest(project: Project, show: boolean): Promise<VitestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-totals-'));
  const file = join(folder, 'totals.json');
  const reporters = [show ? '--reporter=verbose' : '--reporter=dot', '--reporter=./hack/test/totals-reporter.ts'];
  // On a node that hangs, each claim would wait for all of its time.
  const until = project === 'vm' ? ['--bail=1'] : [];
  try {
    const output = await spawnVitest(
      ['run', '--project', project, ...until, ...reporters],
      { [totalsFileVariable]: file },
      show,
    );
    return { ...readSummary(file), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function spawnVitest(args: readonly string[], env: Record<string, string>, show: boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn('node_modules/.bin/vitest', args, {
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  // What the tests have started is ended by vitest's process, not by ours.
  const handOn = (signal: NodeJS.Signals) => child.kill(signal);
  process.once('SIGTERM', handOn);
  child.on('error', reject);
  child.on('close', () => {
    process.off('SIGTERM', handOn);
    if (child.killed) process.kill(process.pid, 'SIGTERM');
    resolve(output);
  });
  return promise;
}

/** A vitest that ends without its summary (no tests, a crash, a broken config) is one failure. */
function readSummary(file: string): RunSummary {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunSummary;
  } catch {
    return { totals: { passed: 0, failed: 1, skipped: 0 }, skips: [] };
  }
}
