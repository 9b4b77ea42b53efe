// Two versions of a runtime side by side on a node with a real containerd: the old one stays as long as a process lives from it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../node-installer/host/host.ts';
import { type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

let node: ContainedNode | undefined;
let sandbox: ChildProcess | undefined;
afterEach(async () => {
  sandbox?.kill();
  await node?.stop();
});

/** The host with one more of the machine's processes in it. */
function hostWith({ host }: ContainedNode, pid: number | undefined, all: Host['processes']): Host {
  const processes = async () => [
    ...(await host.processes()),
    ...(await all()).filter((process) => process.pid === pid),
  ];
  return { ...host, processes };
}

describe('an update', { timeout: 60_000 }, () => {
  it('keeps the version of a running process whole, and takes it once that has ended', async () => {
    const made = (node = await containedNode('2.3', 'version = 3\n'));
    await made.startEngine();
    const payload = tinyPayload({ 'bin/shim': '#!/bin/sh\n[ "$1" = -v ] || read line\n' });
    await runSteps(made.host, payload, tinyTask(), install);
    const [old = ''] = readdirSync(made.at('/opt/bulkhead/tiny'));

    sandbox = spawn('sh', [made.at(`/opt/bulkhead/tiny/${old}/bin/shim`)], { stdio: ['pipe', 'ignore', 'inherit'] });
    const host = hostWith(made, sandbox.pid, made.allProcesses);
    const update = tinyTask({ generatedFiles: [] });
    expect((await runSteps(host, payload, update, install))[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect(readdirSync(made.at('/opt/bulkhead/tiny'))).toHaveLength(2);
    expect(readdirSync(made.at(`/opt/bulkhead/tiny/${old}`))).toEqual(['bin', 'manifest.json', 'tiny.toml']);
    expect((await runSteps(host, payload, update, install))[2]).toMatchObject({ outcome: 'unchanged' });

    sandbox.kill();
    await once(sandbox, 'exit');
    expect((await runSteps(host, payload, update, install))[2]).toMatchObject({ outcome: 'done', engineRestarts: 0 });
    expect(readdirSync(made.at('/opt/bulkhead/tiny'))).toHaveLength(1);
    expect(made.read(`/opt/bulkhead/tiny/${old}/bin/shim`)).toBeUndefined();
    expect((await runSteps(host, payload, update, install))[2]).toMatchObject({ outcome: 'unchanged' });
  });
});
