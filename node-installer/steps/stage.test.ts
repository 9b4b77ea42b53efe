import { describe, expect, it } from 'vitest';
import { fakeNode } from '../../test/fakes/fake-node.ts';
import { runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

const stage = ['stage'] as const;

describe('stage()', () => {
  it('stages nothing of a payload in which one byte differs from the manifest', async () => {
    const { host } = await fakeNode();
    const paths = host.paths();
    const honest = tinyPayload();
    const forged = { ...honest, open: tinyPayload({ 'bin/shim': '#!/bin/sh\necho a shim of the tesT\n' }).open };
    const [report] = await runSteps(host, forged, tinyTask(), stage);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'PayloadCorrupt' });
    expect(report?.message).toMatch(
      /^Cannot stage bin\/shim of the payload: its sha256 is [0-9a-f]{12}…, the manifest has [0-9a-f]{12}…\.$/,
    );
    expect(host.paths()).toEqual(paths);
  });

  it('says what failed when a file cannot be read, and leaves nothing', async () => {
    const { host } = await fakeNode();
    const paths = host.paths();
    const broken = {
      ...tinyPayload(),
      // oxlint-disable-next-line require-yield
      open: async function* (): AsyncGenerator<Uint8Array> {
        throw new Error('ENOSPC: no space left on device');
      },
    };
    const [report] = await runSteps(host, broken, tinyTask(), stage);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'StagingFailed' });
    expect(report?.message).toContain('ENOSPC');
    expect(host.paths()).toEqual(paths);
  });

  it('counts the bytes that are missing on the disk before it writes any', async () => {
    const { host } = await fakeNode();
    host.free = 1_000_000;
    const [report] = await runSteps(host, tinyPayload(), tinyTask(), stage);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'NoDiskSpace' });
    expect(report?.message).toMatch(/: \d+ bytes are missing \(\d+ needed, 1000000 free\)\.$/);
    expect(host.effects).toEqual([]);
  });

  it('keeps the folder of the version before beside the new one', async () => {
    const { host } = await fakeNode();
    await runSteps(host, tinyPayload(), tinyTask(), stage);
    await runSteps(host, tinyPayload(), tinyTask({ generatedFiles: [] }), stage);
    expect(await host.list('/opt/bulkhead/tiny')).toHaveLength(2);
  });

  it('leaves a folder in its place that another installer has put there meanwhile', async () => {
    const { host } = await fakeNode();
    let others = 0;
    const late = {
      ...host,
      lock: async (waitMs: number) => {
        await runSteps(host, tinyPayload(), tinyTask(), stage);
        others = host.effects.length;
        return host.lock(waitMs);
      },
    };
    const [report] = await runSteps(late, tinyPayload(), tinyTask(), stage);
    expect(report).toMatchObject({ outcome: 'done' });
    expect(host.effects.slice(others)).toEqual([]);
    expect(others).toBeGreaterThan(0);
  });

  it('gives up when another installer holds the node', async () => {
    const { host } = await fakeNode();
    await host.lock(0);
    const [report] = await runSteps(host, tinyPayload(), tinyTask(), stage);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'NodeLocked' });
    expect(host.effects).toEqual([]);
  });
});
