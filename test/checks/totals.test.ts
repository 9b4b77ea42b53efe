// Proves with real vitest runs that the totals count everything that can go wrong, and that skipped tests say why.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunSummary, totalsFileVariable } from '../../hack/test/totals-reporter.ts';

const repo = resolve(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-totals-'));
  symlinkSync(join(repo, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one test file whose text is given. */
function summaryOf(text: string): RunSummary {
  writeFileSync(join(folder, 'one.test.ts'), `import { describe, expect, it } from 'vitest';\n${text}`);
  const file = join(folder, 'totals.json');
  const reporter = join(repo, 'hack/test/totals-reporter.ts');
  spawnSync(join(repo, 'node_modules/.bin/vitest'), ['run', '--root', folder, `--reporter=${reporter}`], {
    env: { ...process.env, [totalsFileVariable]: file },
  });
  return JSON.parse(readFileSync(file, 'utf8')) as RunSummary;
}

describe('TotalsReporter', () => {
  it('counts passed, failed and skipped tests, and keeps the reason of a skip', () => {
    const summary = summaryOf(`
      it('passes', () => {});
      it('fails', () => expect(1).toBe(2));
      it('needs hardware', (ctx) => ctx.skip('no /dev/kvm here'));
      it.skip('is switched off', () => {});`);
    expect(summary.totals).toEqual({ passed: 1, failed: 1, skipped: 2 });
    expect(summary.skips).toEqual([
      'one.test.ts > needs hardware: no /dev/kvm here',
      'one.test.ts > is switched off: no reason given',
    ]);
  });

  it.each([
    ['a file that does not load', "it('passes', () => {}); throw new Error('broken file');"],
    ['a file without tests', ''],
    ['a hook that fails', "describe('x', () => { beforeAll(() => { throw new Error('no'); }); it('y', () => {}); });"],
    [
      'an error outside of tests',
      "it('passes', async () => { setTimeout(() => { throw new Error('late'); }); await new Promise((r) => setTimeout(r, 50)); });",
    ],
  ])('counts %s as failed', (_, text) => {
    expect(summaryOf(text).totals.failed).toBe(1);
  });
});
