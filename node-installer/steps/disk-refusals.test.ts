// The disk takes no more writes from any one write of an install, an update or a removal on: it is undone and reported, in words.
import { describe, expect, it } from 'vitest';
import type { NodeReport } from '../../crds/node-report.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { type Change, changes } from '../../test/node-installer/changes.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload } from '../../test/node-installer/tiny-payload.ts';
import { armedPath } from './undo-files.ts';

const config = '# an admin\nversion = 3\n';

async function nodeBefore({ before }: Change): Promise<FakeNode> {
  const node = await fakeNode(config);
  for (const task of before) await runSteps(node.host, tinyPayload(), task, install);
  return node;
}

const run = ({ host }: FakeNode, { task, steps }: Change) => runSteps(host, tinyPayload(), task, steps);

/** Without the note that spares a look at the clocks. */
const contentOf = ({ host }: FakeNode) =>
  Object.fromEntries(host.paths().flatMap((path) => (path.endsWith('/loaded.json') ? [] : [[path, host.text(path)]])));

const isSuccess = (reports: readonly NodeReport[]) =>
  reports.every(({ outcome }) => outcome === 'done' || outcome === 'unchanged');

/** Runs the change with every number of writes that the disk still takes, until it takes all. */
async function forEveryWrite(
  change: Change,
  disk: Omit<NonNullable<FakeNode['host']['disk']>, 'takes'>,
  judge: (node: FakeNode, reports: readonly NodeReport[]) => Promise<void>,
): Promise<void> {
  let takes = 0;
  for (let isRefused = true; isRefused; takes += 1) {
    const node = await nodeBefore(change);
    node.host.disk = { ...disk, takes };
    const reports = await run(node, change);
    isRefused = (node.host.disk?.takes ?? -1) < 0;
    node.host.disk = undefined;
    await judge(node, reports);
  }
  expect(takes).toBeGreaterThan(5);
}

/** Refused in words, or carried out: a note that is not needed may be missing. */
function expectReport(reports: readonly NodeReport[], reason: string, message: RegExp): void {
  if (isSuccess(reports)) return;
  const report = reports.find(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
  expect(report).toMatchObject({ reason, hint: expect.stringMatching(/./) as unknown });
  expect(report?.message).toMatch(message);
}

describe.each(Object.entries(changes))('%s', (_, change: Change) => {
  it.each([
    ['stays full', { why: 'Full' }, /^Cannot write to \/.+: its disk is full\./],
    ['is full for one write', { why: 'Full', forgives: true }, /^Cannot write to \/.+: its disk is full\./],
    ['has no quota left', { why: 'OverQuota' }, /^Cannot write to \/.+: the disk quota is used up\./],
  ] as const)('leaves the node as it was when the disk %s', async (__, disk, message) => {
    const before = await nodeBefore(change);
    const untouched = contentOf(before);
    const whole = await nodeBefore(change);
    await run(whole, change);
    await forEveryWrite(change, disk, async (node, reports) => {
      expectReport(reports, 'NoDiskSpace', message);
      const staged = reports[1]?.step === 'stage' && reports[1].outcome === 'done';
      const isOurs = (path: string) => !staged || !path.startsWith('/opt/');
      const keep = (content: object) => Object.entries(content).filter(([path]) => isOurs(path));
      expect(keep(contentOf(node))).toEqual(keep(isSuccess(reports) ? contentOf(whole) : untouched));
      expect(node.restarts()).toBe(before.restarts() + (isSuccess(reports) ? 1 : 0));
    });
  });

  it('throws nothing on a file system that turned read-only, and gets there once it is writable', async () => {
    const whole = await nodeBefore(change);
    await run(whole, change);
    await forEveryWrite(change, { why: 'ReadOnly' }, async (node, reports) => {
      expectReport(reports, 'ReadOnlyHost', /Cannot write to \/.+: it is on a read-only file system\./);
      expect(isSuccess(await run(node, change))).toBe(true);
      expect(contentOf(node)).toEqual(contentOf(whole));
      expect(node.host.answer).toEqual(whole.host.answer);
    });
  });
});

describe('a change that does not hold, on a disk that does not take the old bytes', () => {
  it('stays armed, so that the host puts them back by itself', async () => {
    const node = await nodeBefore(changes['an install']);
    const start = node.host.onRestart;
    node.host.onRestart = async () => {
      node.host.disk = { takes: 0, why: 'ReadOnly' };
      node.host.answer = { kind: 'Silent', why: 'nobody listens' };
      return { exitCode: 1, stdout: '', stderr: 'it does not start\n' };
    };
    const reports = await run(node, changes['an install']);
    expect(reports[2]).toMatchObject({ outcome: 'failed', reason: 'ReadOnlyHost', engineRestarts: 1 });
    expect(reports[2]?.message).toMatch(
      /with it, containerd\.service cannot be restarted .*The old config cannot be put back: Cannot write to .+ The node tries it again and again by itself\.$/,
    );
    expect(node.host.text(armedPath)).toBe('');
    node.host.onRestart = start;
    node.host.disk = undefined;
    await start('containerd.service');
    expect(isSuccess(await run(node, changes['an install']))).toBe(true);
  });
});
