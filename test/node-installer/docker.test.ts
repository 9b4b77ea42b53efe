// The steps on a real Docker: its handlers come and go by a reload, and its containers do not notice.
import { afterEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../node-installer/host/host.ts';
import { type ContainedDocker, containedDocker, daemonJson, dockerSocket } from './contained-docker.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

let node: ContainedDocker | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

/** An OCI runtime that leaves a trace of its work and has runc do it. */
const payload = tinyPayload({ 'bin/shim': '#!/bin/sh\necho "$@" >> /run/tiny-was-asked\nexec runc "$@"\n' });

const adminsConfig =
  '{\r\n\t"log-driver": "json-file",\r\n\t"runtimes": { "admins": { "path": "runc" } },\r\n\t"debug":false\r\n}\r\n';

async function stepsOn({ host }: ContainedDocker, steps: Parameters<typeof runSteps>[3]) {
  return (await runSteps(host, payload, tinyTask(), steps)).map(({ outcome, message }) => message ?? outcome);
}

async function listed({ host }: ContainedDocker): Promise<readonly string[]> {
  const answer = await host.askDocker(dockerSocket);
  return answer.kind === 'Answered' ? answer.handlers : [answer.why];
}

async function succeed(running: Promise<RunResult>): Promise<string> {
  const { exitCode, stdout, stderr } = await running;
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout.trim();
}

function start({ docker }: ContainedDocker, runtime: string): Promise<string> {
  return succeed(docker('run', '--detach', '--network=none', `--runtime=${runtime}`, 'pause'));
}

function stateOf({ docker }: ContainedDocker, container: string): Promise<string> {
  return succeed(docker('inspect', '--format={{.State.Status}} {{.State.Pid}}', container));
}

describe('the steps on a real Docker', { timeout: 180_000 }, () => {
  it('bring a handler and take it away again, while dockerd and its containers go on', async () => {
    node = await containedDocker(adminsConfig);
    await node.importPause();
    const bystander = await start(node, 'admins');
    const [before, { identity }] = [await stateOf(node, bystander), await node.daemon()];

    expect(await stepsOn(node, install)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(await listed(node)).toEqual(expect.arrayContaining(['runc', 'admins', 'tiny']));
    const sandbox = await start(node, 'tiny');
    expect(await stateOf(node, sandbox)).toMatch(/^running \d+$/);
    expect(node.read('/run/tiny-was-asked')).toContain(`create --bundle`);
    await succeed(node.docker('rm', '--force', sandbox));
    expect(await stepsOn(node, install)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);

    expect(await stepsOn(node, ['remove'])).toEqual(['done']);
    expect(await listed(node)).not.toContain('tiny');
    expect(await listed(node)).toEqual(expect.arrayContaining(['runc', 'admins']));
    expect((await node.docker('run', '--rm', '--runtime=tiny', 'pause')).stderr).toMatch(/tiny/);
    expect(node.read(daemonJson)).toBe(adminsConfig);
    expect([node.read('/var/lib/bulkhead'), node.read('/opt/bulkhead')]).toEqual([undefined, undefined]);
    expect(node.reloads()).toBe(2);
    expect(await node.daemon()).toMatchObject({ identity });
    expect(await stateOf(node, bystander)).toBe(before);
  });

  it('leave no file where there was none, and dockerd starts with what they leave in between', async () => {
    node = await containedDocker();
    expect(await stepsOn(node, install)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    const made = node.read(daemonJson);
    expect(await stepsOn(node, ['remove'])).toEqual(['done']);
    expect(node.read(daemonJson)).toBeUndefined();
    expect(await listed(node)).not.toContain('tiny');
    await node.stop();
    node = await containedDocker(made);
    expect(await listed(node)).toContain('tiny');
  });

  it('put the file back when the reload brings no handler', async () => {
    node = await containedDocker(adminsConfig);
    node.deaf = true;
    const reports = await runSteps(node.host, payload, tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'HandlerMissing', engineRestarts: 0 });
    expect(node.read(daemonJson)).toBe(adminsConfig);
  });

  it('refuse a dockerd with runtimes in its flags, which a reload makes it forget', async () => {
    node = await containedDocker(adminsConfig, ['--add-runtime=flags=runc']);
    const [report] = await runSteps(node.host, payload, tinyTask(), ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'RuntimesInFlags' });
    expect(await listed(node)).toContain('flags');
    await node.host.systemctl(['reload', 'docker.service']);
    await expect.poll(() => listed(node as ContainedDocker)).not.toContain('flags');
  });
});
