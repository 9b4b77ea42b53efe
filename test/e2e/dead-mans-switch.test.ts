// The installer dies in the middle of a change on a node with a real systemd and containerd: the node gets back by itself.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';

import { runningDocker } from '../../hack/docker/ensure-docker.ts';
import { bundle } from '../../hack/images/bundle.ts';
import { progress } from '../../hack/progress.ts';
import { run, tryRun } from '../../hack/run.ts';
import { contentOf, onNode } from './node-state.ts';

const node = 'bulkhead-e2e-lone-node';
const say = progress('e2e');
const ask = ['crictl', '--timeout', '2s', 'info'];

let docker: (...args: string[]) => Promise<string>;
let untouched: string;

const install = (...cutBefore: string[]) => installer('preflight,stage,activate,verify', ...cutBefore);
const installer = async (...args: string[]) => {
  const { stdout } = await tryRun(['docker', 'exec', node, '/root/node', '/root/installer.mjs', ...args], await env());
  return stdout === '' ? 'killed' : (JSON.parse(stdout) as { outcome: string }[]).map(({ outcome }) => outcome);
};

async function env() {
  return { env: (await runningDocker())?.env ?? {} };
}

const handlers = () => onNode(node, ...ask);
const untilServing = (timeout: number) => vi.waitFor(handlers, { timeout, interval: 500 });
const switchOn = () =>
  onNode(node, 'sh', '-c', 'ls /etc/systemd/system /var/lib/bulkhead 2>&1; systemctl list-timers --all');
const root = '/etc/containerd/config.toml';
/** Where the config is changed and the engine has not read it yet. */
const beforeRestart = 'restartService containerd.service';
/** Where the engine has read it, and all is well. */
const beforeDisarm = 'removeFile /var/lib/bulkhead/undo/armed';
/** Each time another part of the change is on the disk, or in the engine. */
const aroundTheChange = [
  'systemctl restart,bulkhead-undo.timer',
  'replace /var/lib/bulkhead/undo/armed',
  `replace ${root}`,
  beforeRestart,
  beforeDisarm,
];

beforeAll(async () => {
  const options = await env();
  docker = (...args) => run(['docker', ...args], options);
  const image = (await docker('inspect', '-f', '{{.Image}}', `${inject('cluster')}-worker`)).trim();
  await tryRun(['docker', 'rm', '-f', '-v', node], options);
  const tmpfs = ['--tmpfs', '/tmp', '--tmpfs', '/run', '--volume', '/var', '--env', 'container=docker'];
  await docker('run', '-d', '--privileged', '--name', node, '--hostname', node, '--network', 'none', ...tmpfs, image);
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-switch-'));
  await writeFile(join(folder, 'installer.mjs'), (await bundle('test/e2e/cut-off-installer.ts')).text);
  await docker('cp', process.execPath, `${node}:/root/node`);
  await docker('cp', join(folder, 'installer.mjs'), `${node}:/root/installer.mjs`);
  await rm(folder, { recursive: true });
  await untilServing(60_000);
  untouched = await contentOf(node);
});

afterAll(() => docker('rm', '-f', '-v', node));

beforeEach(async () => {
  await untilServing(30_000);
  await installer('remove');
});

describe("the dead man's switch", () => {
  it('is gone after a change that holds, and after its removal', async () => {
    expect(await install()).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(await handlers()).toContain('tiny');
    expect(await switchOn()).not.toContain('undo');
    expect(await installer('remove')).toEqual(['done']);
    expect(await contentOf(node)).toBe(untouched);
  });

  it('is taken away by a second run that comes in time, which gets there', async () => {
    expect(await install(beforeRestart)).toBe('killed');
    expect(await switchOn()).toContain('bulkhead-undo.timer');
    expect(await install()).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
    expect(await handlers()).toContain('tiny');
    expect(await switchOn()).not.toContain('undo');
  });

  it.each(aroundTheChange)(
    'leaves a serving engine, and undoes what there is to undo, when the installer died at %s',
    async (at) => {
      expect(await install(at)).toBe('killed');
      expect(await handlers()).toContain('runc');
      // What its timer does 90 s later.
      await onNode(node, 'systemctl', 'start', 'bulkhead-undo.service');
      await untilServing(30_000);
      expect(await handlers()).not.toContain('tiny');
      expect(await onNode(node, 'cat', root)).not.toContain('bulkhead');
      expect(await install()).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
      expect(await switchOn()).not.toContain('undo');
      expect(await installer('remove')).toEqual(['done']);
      expect(await contentOf(node)).toBe(untouched);
    },
  );

  it.each([beforeRestart, beforeDisarm])('puts the old config back at boot when the power fails at %s', async (at) => {
    expect(await install(at)).toBe('killed');
    await docker('kill', '--signal', 'KILL', node);
    await docker('start', node);
    await untilServing(60_000);
    expect(await handlers()).not.toContain('tiny');
    await expect.poll(switchOn, { timeout: 20_000 }).not.toContain('undo');
    expect(await onNode(node, 'cat', root)).not.toContain('bulkhead');
    expect(await install()).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
  });

  it('puts the old config back and starts the engine when both the installer and the engine are dead', async () => {
    expect(await install(beforeRestart)).toBe('killed');
    await onNode(node, 'systemctl', 'stop', 'containerd');
    const from = Date.now();
    await untilServing(120_000);
    say(`the engine serves ${((Date.now() - from) / 1000).toFixed(0)} s after both died`);
    expect(await handlers()).not.toContain('tiny');
    await expect.poll(switchOn, { timeout: 20_000 }).not.toContain('undo');
    expect(await onNode(node, 'cat', root)).not.toContain('bulkhead');
  });
});

describe('an edit that the engine has not read', () => {
  it('is tried beside the engine, and refused where its CRI would not start', async () => {
    const edit = [
      '[plugins."io.containerd.cri.v1.images".registry]',
      '  config_path = "/etc/containerd/certs.d"',
      '[plugins."io.containerd.cri.v1.images".registry.mirrors."docker.io"]',
      '  endpoint = ["http://127.0.0.1:1"]',
    ].join('\n');
    const script = `cp -p ${root} /root/root.toml && printf '%s\\n' '${edit}' >> ${root}`;
    await onNode(node, 'sh', '-c', script);
    const sockets = await onNode(node, 'sh', '-c', 'ls -i /run/containerd/*.sock* /run/nri/*');
    expect(await install()).toEqual(['unchanged', expect.stringMatching(/done|unchanged/), 'failed', 'skipped']);
    expect(await handlers()).toContain('runc');
    expect(await onNode(node, 'sh', '-c', 'ls -i /run/containerd/*.sock* /run/nri/*')).toBe(sockets);
    await onNode(node, 'mv', '/root/root.toml', root);
    expect(await install()).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
  });
});
