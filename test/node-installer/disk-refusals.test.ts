// A real file system that is full, or turns read-only, under an installer on a node with a real containerd: undone, and said in words.
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeReport } from '../../crds/node-report.ts';
import type { Host } from '../../node-installer/host/host.ts';
import { type Change, changes } from './changes.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { contentOf } from './node-content.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const config = '# an admin\nversion = 3\n';
const diskBytes = 128 * 1024 * 1024;
const pageBytes = 4096;
const filler = '/var/lib/filler';

let node: ContainedNode | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

async function smallNode({ before }: Change): Promise<ContainedNode> {
  node = await containedNode('2.3', config, { diskBytes });
  await node.startEngine();
  for (const task of before) await runSteps(node.host, tinyPayload(), task, install);
  return node;
}

/** Leaves so many pages free. */
async function fill({ host, inside }: ContainedNode, freePages: number): Promise<void> {
  await host.removeFile(filler);
  const bytes = (await host.freeBytes('/etc')) - freePages * pageBytes;
  expect(await inside('fallocate', '--length', String(bytes), filler)).toMatchObject({ exitCode: 0 });
}

const isSuccess = (reports: readonly NodeReport[]) =>
  reports.every(({ outcome }) => outcome === 'done' || outcome === 'unchanged');
const refused = (reports: readonly NodeReport[]) =>
  reports.find(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');

/** Does something on the node right before a call of the host port. */
function actingBefore(host: Host, call: keyof Host, path: RegExp, act: () => Promise<void>): Host {
  const acting = async (...args: unknown[]) => {
    if (path.test(String(args[0]))) await act();
    return (host[call] as (...args: unknown[]) => Promise<unknown>)(...args);
  };
  return { ...host, [call]: acting };
}

describe('a disk that is full', { timeout: 120_000 }, () => {
  it('refuses the payload in the middle of it, and has as much free as before', async () => {
    const made = await smallNode(changes['an install']);
    const untouched = contentOf(made);
    const payload = tinyPayload({ 'bin/shim': 'x'.repeat(100_000), 'bin/other': 'y'.repeat(200_000) });
    const host = actingBefore(made.host, 'writeNew', /bin\/other/, () => fill(made, 10));
    const [report] = await runSteps(host, payload, tinyTask(), ['stage']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'NoDiskSpace' });
    expect(report?.message).toMatch(
      /^Cannot put the payload under .+: \d+ bytes are missing \(\d+ needed, \d+ free\)\.$/,
    );
    expect(contentOf(made)).toEqual(untouched);
  });

  it.each(Object.entries(changes))(
    'leaves the node as it was when it does not take %s whole',
    async (_, change: Change) => {
      const made = await smallNode(change);
      if (change.steps.includes('stage')) await runSteps(made.host, tinyPayload(), change.task, ['stage']);
      const untouched = contentOf(made);
      const restarts = made.restarts();
      let pages = 0;
      for (; ; pages += 1) {
        await made.host.removeFile(filler);
        const full = actingBefore(made.host, 'lock', /./, () => fill(made, pages));
        const reports = await runSteps(full, tinyPayload(), change.task, change.steps);
        if (isSuccess(reports)) break;
        expect(refused(reports)).toMatchObject({ outcome: 'failed', reason: 'NoDiskSpace' });
        expect(contentOf(made)).toEqual(untouched);
        expect(made.restarts()).toBe(restarts);
      }
      expect(pages).toBeGreaterThan(3);
      expect(made.restarts()).toBe(restarts + 1);
    },
  );

  it('takes the old bytes back with what the change itself had taken, when the engine does not hold', async () => {
    const made = await smallNode(changes['an install']);
    const untouched = contentOf(made);
    made.sabotage = () => {
      if (made.read('/etc/containerd/bulkhead.d/tiny.toml') !== undefined) throw new Error('It does not start.');
    };
    const full = actingBefore(made.host, 'restartService', /./, () => fill(made, 0));
    await runSteps(full, tinyPayload(), tinyTask(), ['preflight', 'stage']);
    const reports = await runSteps(full, tinyPayload(), tinyTask(), install);
    expect(refused(reports)).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady' });
    const withoutPayload = Object.fromEntries(
      Object.entries(contentOf(made)).filter(([path]) => !path.startsWith('/opt/bulkhead')),
    );
    expect(withoutPayload).toEqual(untouched);
  });
});

describe('a file system that turns read-only', { timeout: 120_000 }, () => {
  /** One instant in each phase: candidate, switch, config, after the restart. */
  it.each([
    ['replace', /candidate/],
    ['replace', /undo\/undo\.sh/],
    ['replace', /config\.toml$/],
    ['removeFile', /undo\/armed/],
  ] as const)('is reported at %s %s, the config is whole, and the next run gets there', async (call, path) => {
    const made = await smallNode(changes['an install']);
    const remount = (how: string) =>
      made.inside('sh', '-c', `for at in /etc /opt /var/lib; do mount -o remount,bind,${how} $at; done`);
    const host = actingBefore(made.host, call, path, async () => {
      expect(await remount('ro')).toMatchObject({ exitCode: 0 });
    });
    const reports = await runSteps(host, tinyPayload(), tinyTask(), install);
    expect(refused(reports)).toMatchObject({ outcome: 'failed', reason: 'ReadOnlyHost' });
    expect(await made.host.askCri('/run/containerd/containerd.sock')).toMatchObject({ runtimeReady: true });
    const inBetween = made.read(configPath);
    await remount('rw');
    expect(isSuccess(await runSteps(made.host, tinyPayload(), tinyTask(), install))).toBe(true);
    expect([config, made.read(configPath)]).toContain(inBetween);
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(made.read(configPath)).toBe(config);
  });
});
