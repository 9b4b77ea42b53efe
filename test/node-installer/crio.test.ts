// The steps on a real CRI-O, and what the driver believes of CRI-O, tried on it.
import { afterEach, describe, expect, it } from 'vitest';
import { type ContainedCrio, containedCrio, packageFile, packageText } from './contained-crio.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const folder = '/etc/crio/crio.conf.d';
const dropIn = `${folder}/90-bulkhead-tiny.conf`;
const admins = { [`${folder}/99-admin`]: '[crio.runtime.runtimes.admins]\nruntime_path = "/usr/sbin/runc"\n' };

let node: ContainedCrio | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

async function runningNode(files: Readonly<Record<string, string>> = admins): Promise<ContainedCrio> {
  node = await containedCrio(files);
  await node.startEngine();
  return node;
}

/** A shim as CRI-O takes it, with a config of its own and a guest that pulls. */
const shimTask = tinyTask({
  handlers: tinyTask().handlers.map((handler) => ({
    ...handler,
    runtimeType: 'io.containerd.tiny.v2',
    runtimePath: 'bin/containerd-shim-tiny-v2',
    options: { ConfigPath: '{dir}/tiny.toml' },
    pullsInGuest: true,
    requires: [],
  })),
});
const shimPayload = tinyPayload({ 'bin/containerd-shim-tiny-v2': '#!/bin/sh\necho a shim of the test\n' });

describe('the steps on a real CRI-O', { timeout: 120_000 }, () => {
  it.each([
    ['an OCI runtime', tinyTask(), tinyPayload()],
    ['a shim', shimTask, shimPayload],
  ])('bring %s by one restart, and leave every byte as it was', async (_, task, payload) => {
    const made = await runningNode();
    const before = await made.ask();
    const outcomes = async (steps: Parameters<typeof runSteps>[3]) =>
      (await runSteps(made.host, payload, task, steps)).map(({ outcome, message }) => message ?? outcome);
    expect(await outcomes(install)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(await made.ask()).toMatchObject({ handlers: expect.arrayContaining(['runc', 'admins', 'tiny']) as unknown });
    expect(await outcomes(install)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(made.restarts()).toBe(1);
    expect(await outcomes(['remove'])).toEqual(['done']);
    expect(made.restarts()).toBe(2);
    expect(await made.host.list(folder)).toEqual(['10-crio.conf', '99-admin']);
    expect([made.read(packageFile), made.read(`${folder}/99-admin`)]).toEqual([packageText, Object.values(admins)[0]]);
    expect([made.read('/var/lib/bulkhead'), made.read('/opt/bulkhead')]).toEqual([undefined, undefined]);
    expect(sorted(await made.ask())).toEqual(sorted(before));
  });

  it('put everything back when CRI-O does not start with the drop-in', async () => {
    const made = await runningNode();
    made.sabotage = () => {
      if (made.read(dropIn) !== undefined) made.write(`${folder}/91-broken`, 'x = [');
      else made.write(`${folder}/91-broken`, '');
    };
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady', engineRestarts: 2 });
    expect(made.read(dropIn)).toBeUndefined();
    expect(await made.ask()).toMatchObject({ runtimeReady: true });
  });

  it('refuse a config that CRI-O would not start with, and say what it says', async () => {
    const made = await runningNode();
    made.write(`${folder}/20-later.conf`, '[crio.runtime]\ndefault_runtime = "gone"\n');
    const [report] = await runSteps(made.host, tinyPayload(), tinyTask(), ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'ConfigBroken' });
    expect(report?.message).toMatch(/^Cannot use the config of CRI-O: it refuses it \(.*default_runtime set to .*gone/);
    expect(made.restarts()).toBe(0);
  });
});

describe('a real CRI-O', { timeout: 120_000 }, () => {
  it('leaves out a shim of another name, and takes a handler’s last table whole', async () => {
    const made = await runningNode({
      [`${folder}/50-a`]:
        '[crio.runtime.runtimes.odd]\nruntime_type = "vm"\nruntime_path = "/opt/containerd-shim-odd-v1"\n' +
        '[crio.runtime.runtimes.twice]\nruntime_type = "vm"\nruntime_path = "/opt/containerd-shim-twice-v2"\n',
      [`${folder}/50-b/nested`]: '[crio.runtime.runtimes.twice]\nruntime_path = "/usr/sbin/runc"\n',
      '/opt/containerd-shim-odd-v1': '',
      '/opt/containerd-shim-twice-v2': '',
    });
    expect(await made.ask()).toMatchObject({ handlers: expect.arrayContaining(['runc', 'twice']) as unknown });
    expect(await made.ask()).toMatchObject({ handlers: expect.not.arrayContaining(['odd']) as unknown });
    const { stdout } = await made.host.run([(await made.host.processes())[0]?.exe ?? '', 'config']);
    expect(stdout).toMatch(/runtimes\.twice\]\nruntime_path = "\/usr\/sbin\/runc"\nruntime_type = ""/);
  });

  it('does not start with any file in the folder that is no TOML', async () => {
    node = await containedCrio({ [`${folder}/10-crio.conf.bulkhead-new`]: 'x = [' });
    await expect(node.startEngine()).rejects.toThrow(/10-crio\.conf\.bulkhead-new/);
  });
});

function sorted(answer: Awaited<ReturnType<ContainedCrio['ask']>>): unknown {
  return answer.kind === 'Answered' ? { ...answer, handlers: answer.handlers.toSorted() } : answer;
}
