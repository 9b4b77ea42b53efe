// Engines that do not take a change, with a container running under them: rolled back or refused in words, and the container lives on.
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import type { Host } from '../../node-installer/host/host.ts';
import { freePorts } from '../../hack/free-ports.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { contentOf } from './node-content.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const config = '# an admin\nversion = 3\n';
const dropIn = '/etc/containerd/bulkhead.d/tiny.toml';
/** containerd starts with it, and `config dump` takes it; its CRI does not start. */
const deadCri = `
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/containerd/certs.d"
[plugins."io.containerd.cri.v1.images".registry.mirrors."docker.io"]
  endpoint = ["http://127.0.0.1:1"]
`;

let node: ContainedNode | undefined;
let ctr: (...args: string[]) => Promise<string>;
/** Control groups are the machine's. */
let sandbox: string;
afterEach(async () => {
  // Its shim would outlive the engine.
  if (node) await ctr('task', 'rm', '--force', sandbox);
  await node?.stop();
  node = undefined;
});

/** With a container of its own under it. */
async function busyNode(): Promise<ContainedNode> {
  const made = (node = await containedNode('2.3', config));
  await made.startEngine();
  const [pause, containerd] = await Promise.all(
    (['pause', 'containerd-2.3'] as const).map((name) => ensure(name, progress('build'))),
  );
  ctr = async (...args) => (await made.inside(join(containerd ?? '', 'ctr'), ...args)).stdout;
  mkdirSync(made.at('/var/lib/rootfs'));
  copyFileSync(join(pause ?? '', 'pause'), made.at('/var/lib/rootfs/pause'));
  sandbox = `bulkhead-${randomUUID()}`;
  await ctr('run', '--detach', '--rootfs', '/var/lib/rootfs', sandbox, '/pause');
  expect(await ctr('task', 'ls')).toMatch(/bulkhead-\S+ +\d+ +RUNNING/);
  return made;
}

async function expectAsBefore(made: ContainedNode, tasks: string): Promise<void> {
  expect(made.read(configPath)).toBe(config);
  expect(made.read(dropIn)).toBeUndefined();
  expect(await made.host.list('/var/lib/bulkhead')).toEqual([]);
  expect(await made.host.askCri('/run/containerd/containerd.sock')).toMatchObject({ runtimeReady: true });
  expect(await ctr('task', 'ls')).toBe(tasks);
}

/** Writes more into our drop-in than was judged. */
function withFault({ host }: ContainedNode, fault: string): Host {
  return {
    ...host,
    replace: (path, bytes, mode) =>
      host.replace(path, path === dropIn ? Buffer.concat([bytes, Buffer.from(fault)]) : bytes, mode),
  };
}

/** A host whose clock runs ten times as fast. */
function impatient(host: Host): Host {
  const from = Date.now();
  return { ...host, nowMs: () => from + (Date.now() - from) * 10 };
}

describe('a change that does not hold', { timeout: 120_000 }, () => {
  it.each([
    ['containerd does not start', 'version = [', /containerd\.service cannot be restarted \(.+\)/],
    ['the CRI does not start', deadCri, /the CRI does not answer \(.*unknown service runtime\.v1\.RuntimeService\)/],
  ])('is rolled back when %s with it', async (_, fault, why) => {
    const made = await busyNode();
    const tasks = await ctr('task', 'ls');
    const reports = await runSteps(withFault(made, fault), tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady', engineRestarts: 2 });
    expect(reports[2]?.message).toMatch(why);
    expect(reports[2]?.durationMs).toBeLessThan(25_000);
    await expectAsBefore(made, tasks);
  });

  it('is rolled back when the engine hangs with it', async () => {
    const made = await busyNode();
    const tasks = await ctr('task', 'ls');
    const host = impatient(made.host);
    const restartService = async (unit: string) => {
      const restarted = await made.host.restartService(unit);
      const [engine] = await made.host.processes();
      if (engine && made.read(dropIn) !== undefined) process.kill(engine.pid, 'SIGSTOP');
      return restarted;
    };
    const reports = await runSteps({ ...host, restartService }, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady', engineRestarts: 2 });
    expect(reports[2]?.message).toMatch(/the CRI does not answer \(it has not answered within 20 s\)/);
    await expectAsBefore(made, tasks);
  });
});

describe('an engine that hangs', { timeout: 60_000 }, () => {
  it('is left alone, and tried again', async () => {
    const made = await busyNode();
    const [engine] = await made.host.processes();
    process.kill(engine?.pid ?? 0, 'SIGSTOP');
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    process.kill(engine?.pid ?? 0, 'SIGCONT');
    expect(reports[0]).toMatchObject({ outcome: 'failed', reason: 'EngineNotReady' });
    expect(reports[0]?.message).toContain('it has not answered within 20 s');
    expect(made.restarts()).toBe(0);
  });
});

describe("an admin's edit that the engine has not read yet", { timeout: 120_000 }, () => {
  const edited = config + deadCri;

  it('is refused when the CRI would not start with it, before anything is written', async () => {
    const made = await busyNode();
    const tasks = await ctr('task', 'ls');
    made.write(configPath, edited);
    await runSteps(made.host, tinyPayload(), tinyTask(), ['preflight', 'stage']);
    const before = contentOf(made);
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'failed', reason: 'ConfigBroken', engineRestarts: 0 });
    expect(reports[2]?.message).toMatch(
      /^Cannot use the config \/etc\/containerd\/config\.toml, which the running containerd has not read yet: with it, its CRI does not start \(.*mirrors.*\)\.$/,
    );
    expect(contentOf(made)).toEqual(before);
    expect(await ctr('task', 'ls')).toBe(tasks);
    made.write(configPath, config);
    expect((await runSteps(made.host, tinyPayload(), tinyTask(), install))[2]).toMatchObject({ outcome: 'done' });
  });

  it('keeps a removal from restarting the engine into it', async () => {
    const made = await busyNode();
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    const before = made.read(configPath) ?? '';
    made.write(configPath, before + deadCri);
    const [report] = await runSteps(made.host, tinyPayload(), tinyTask(), ['remove']);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'ConfigBroken', engineRestarts: 0 });
    made.write(configPath, before);
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(made.read(configPath)).toBe(config);
  });

  it('is taken when it only listens where the trial has to as well', async () => {
    const made = await busyNode();
    made.write(configPath, `${config}[metrics]\n  address = "127.0.0.1:${(await freePorts(1))[0]}"\n`);
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'done' });
  });
});
