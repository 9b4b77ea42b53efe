// The dead man's switch's script, run as systemd would on a node whose change was cut off: never beside an installer, and never halfway.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { hostPaths } from '../../crds/names.ts';
import { originalPath, recordPath } from '../../node-installer/steps/root-record.ts';
import { armedPath, scriptPath } from '../../node-installer/steps/undo-files.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const config = '# an admin\nversion = 3\n';
const dropIn = '/etc/containerd/bulkhead.d/tiny.toml';

let node: ContainedNode | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

/** The config is changed, the switch is armed, and the installer is no more; systemctl writes down what it is asked. */
async function cutOffNode(diskBytes?: number): Promise<ContainedNode> {
  node = await containedNode('2.3', config, { diskBytes });
  await node.startEngine();
  const restartService = () => Promise.reject(new Error('The installer died.'));
  await expect(runSteps({ ...node.host, restartService }, tinyPayload(), tinyTask(), install)).rejects.toThrow('died');
  expect(node.read(configPath)).toContain('bulkhead');
  return node;
}

const bins = '/run/bins';
/** Of the host's programs, only those that are named. */
async function fire(made: ContainedNode, withFlock = true) {
  const programs = ['cat', 'cmp', 'cp', 'ls', 'mv', 'rm', 'sleep', 'sync', ...(withFlock ? ['flock'] : [])];
  const link = programs.map((name) => `ln -sf "$(command -v ${name})" ${bins}/`).join('; ');
  made.write(`${bins}/systemctl`, '#!/bin/sh\necho "$@" >> /run/asked\n');
  return made.inside('sh', '-c', `chmod +x ${bins}/systemctl; ${link}; PATH=${bins} exec /bin/sh ${scriptPath}`);
}

describe.each([
  ['with flock', true],
  ['without flock', false],
])('the script %s', { timeout: 60_000 }, (_, withFlock) => {
  it('waits for the installer that is at work, and then puts the config back and goes', async () => {
    const made = await cutOffNode();
    const release = await made.host.lock(0);
    const fired = fire(made, withFlock);
    await sleep(500);
    expect(made.read(configPath)).toContain('bulkhead');
    await release?.();
    expect(await fired).toMatchObject({ exitCode: 0, stderr: '' });
    expect(made.read(configPath)).toBe(config);
    expect(made.read(dropIn)).toBeUndefined();
    expect(made.read(hostPaths.undo)).toBeUndefined();
    expect(await made.host.list('/run')).not.toContain('bulkhead.lock');
    expect(made.read('/run/asked')).toContain('restart containerd.service');
  });

  it('does nothing after an installer that got there', async () => {
    const made = await cutOffNode();
    const script = made.read(scriptPath) ?? '';
    const release = await made.host.lock(0);
    const fired = fire(made, withFlock);
    await sleep(500);
    await made.host.removeFile(armedPath);
    await release?.();
    expect(await fired).toMatchObject({ exitCode: 0 });
    expect(made.read(configPath)).toContain('bulkhead');
    expect(made.read('/run/asked')).toBeUndefined();
    expect(made.read(scriptPath)).toBe(script);
  });
});

describe('the script', { timeout: 60_000 }, () => {
  it('keeps the old bytes on a disk that does not take them, and asks to be run again', async () => {
    const made = await cutOffNode(128 * 1024 * 1024);
    // What the change itself had taken would be enough.
    for (const path of [dropIn, originalPath, recordPath]) await made.host.removeFile(path);
    const changed = made.read(configPath);
    const free = String(await made.host.freeBytes('/etc'));
    await made.inside('fallocate', '--length', free, '/var/lib/filler');
    expect(await fire(made)).toMatchObject({ exitCode: 1 });
    expect(made.read(configPath)).toBe(changed);
    expect(await made.host.list('/etc/containerd')).toEqual(['bulkhead.d', 'config.toml']);
    expect(made.read('/run/asked')).toBe('--no-block start bulkhead-undo.timer\n');
    await made.host.removeFile('/var/lib/filler');
    expect(await fire(made)).toMatchObject({ exitCode: 0 });
    expect(made.read(configPath)).toBe(config);
  });
});
