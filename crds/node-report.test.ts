// Claims about the termination message: it always fits, and reads as it was written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReport, serializeReport, type NodeReport } from './node-report.ts';

const kubeletKeepsBytes = 4096;
const report: NodeReport = {
  step: 'verify',
  outcome: 'failed',
  reason: 'HandlerMissing',
  durationMs: 1,
  engineRestarts: 0,
};
const bytesOf = (text: string) => Buffer.byteLength(text);

describe('serializeReport()', () => {
  it('fits into what kubelet keeps, whatever the words, and stays readable', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 6000, size: 'max' });
    const names = fc.array(fc.string({ maxLength: 63, size: 'max' }), { maxLength: 200, size: 'max' });
    const fits = fc.property(words, words, names, (message, hint, handlers) => {
      const text = serializeReport({ ...report, message, hint, handlers });
      expect(bytesOf(text)).toBeLessThanOrEqual(kubeletKeepsBytes);
      expect(parseReport(text)).toMatchObject({ kind: 'Report', report: { reason: 'HandlerMissing' } });
    });
    // Shrinking long words takes minutes and tells nothing more.
    fc.assert(fits, { numRuns: 30, endOnFailure: true });
  });

  it('keeps a report that fits as it is', () => {
    const whole = { ...report, message: 'The engine does not list gvisor.', handlers: ['runc'] };
    expect(parseReport(serializeReport(whole))).toEqual({ kind: 'Report', report: whole });
  });

  it('cuts long words with an ellipsis', () => {
    expect(JSON.parse(serializeReport({ ...report, message: 'x'.repeat(9000) }))).toMatchObject({
      message: expect.stringMatching(/^x{1999}…$/),
    });
  });
});

describe('a plan in a report', () => {
  const plan = { modules: [], changes: [], unused: [], sandboxes: { count: 0, first: [] }, details: '' };

  it('loses whole lines at its end, and says how many', () => {
    const details = Array.from({ length: 200 }, (_, i) => `line ${i} "of" a plan\n`).join('');
    const read = parseReport(serializeReport({ ...report, plan: { ...plan, details } }));
    const kept = read.kind === 'Report' ? read.report.plan?.details : undefined;
    expect(kept).toMatch(/^line 0 "of" a plan\n(line \d+ "of" a plan\n)+… and \d+ more lines\n$/);
    const [lines, left] = [kept?.match(/^line/gm)?.length ?? 0, Number(/and (\d+) more/.exec(kept ?? '')?.[1])];
    expect(lines + left).toBe(200);
    expect(lines).toBeGreaterThan(50);
  });

  it('stays as it is where it fits', () => {
    const whole = { ...report, plan: { ...plan, details: '+ a line\n' } };
    expect(parseReport(serializeReport(whole))).toEqual({ kind: 'Report', report: whole });
  });
});

describe('parseReport()', () => {
  it.each([
    ['', 'JSON'],
    ['{"step":"verify"', 'JSON'],
    ['{"step":"dance"}', 'step'],
  ])('says what is wrong with %j', (text, why) => {
    expect(parseReport(text)).toMatchObject({ kind: 'Unreadable', why: expect.stringContaining(why) });
  });
});
