import { describe, expect, it } from 'vitest';
import type { NodeNeeds } from '../../crds/node-needs.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

const path = '/etc/modules-load.d/bulkhead-tiny.conf';
const needs: NodeNeeds = {
  virtualization: 'Ignored',
  devices: ['/dev/vhost-vsock'],
  modules: ['vhost_vsock', 'tun', 'overlay'],
};
const task = tinyTask({ needs });

/** vhost_vsock can be loaded and brings its device, tun is loaded, overlay is built in. */
async function nodeWithModules(): Promise<FakeNode> {
  const node = await fakeNode();
  const { host } = node;
  const onRun = host.onRun;
  let loaded = 'tun 1 0 - Live 0x0\n';
  host.put('/proc/sys/kernel/osrelease', '6.1.0\n');
  host.put('/proc/sys/kernel/modprobe', '/usr/sbin/modprobe\n');
  host.put('/proc/modules', loaded);
  host.put('/lib/modules/6.1.0/modules.dep', 'kernel/drivers/vhost/vhost_vsock.ko:\n');
  host.put('/lib/modules/6.1.0/modules.builtin', 'kernel/fs/overlayfs/overlay.ko\n');
  host.onRun = (argv) => {
    if (argv[0] !== '/usr/sbin/modprobe') return onRun(argv);
    host.put('/proc/modules', (loaded += `${argv[1]} 1 0 - Live 0x0\n`));
    host.put('/dev/vhost-vsock', '');
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  return node;
}

const run = ({ host }: FakeNode, steps = install as readonly ('remove' | 'activate')[] | typeof install) =>
  runSteps(host, tinyPayload(), task, steps);
const outcomes = async (reports: ReturnType<typeof run>) => (await reports).map(({ outcome }) => outcome);

const withoutDevices = (paths: readonly string[]) => paths.filter((each) => !each.startsWith('/dev'));

describe('keepModules()', () => {
  it('loads what is missing, has it loaded at boot, and leaves what is built in alone', async () => {
    const node = await nodeWithModules();
    expect(await outcomes(run(node))).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(node.host.effects.filter((effect) => effect.includes('modprobe'))).toEqual([
      '/usr/sbin/modprobe vhost_vsock',
    ]);
    expect(
      node.host
        .text(path)
        ?.split('\n')
        .filter((line) => !line.startsWith('#')),
    ).toEqual(['vhost_vsock', 'tun', '']);
    const effects = node.host.effects.length;
    expect(await outcomes(run(node))).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(node.host.effects).toHaveLength(effects);
  });

  it('loads again what a boot without it has lost, and restarts nothing for it', async () => {
    const node = await nodeWithModules();
    await run(node);
    node.host.put('/proc/modules', 'tun 1 0 - Live 0x0\n');
    expect(await outcomes(run(node))).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
    expect(node.host.effects.at(-1)).toBe('/usr/sbin/modprobe vhost_vsock');
    expect(node.restarts()).toBe(1);
  });

  it('goes with the runtime, and takes no module from others', async () => {
    const node = await nodeWithModules();
    const before = node.host.paths();
    await run(node);
    expect(await outcomes(run(node, ['remove']))).toEqual(['done']);
    expect(withoutDevices(node.host.paths())).toEqual(before);
    expect(node.host.text('/proc/modules')).toContain('vhost_vsock');
    expect(await outcomes(run(node, ['remove']))).toEqual(['unchanged']);
  });

  it('leaves a folder of the admin where it is', async () => {
    const node = await nodeWithModules();
    node.host.put('/etc/modules-load.d/gone', '');
    await node.host.removeFile('/etc/modules-load.d/gone');
    await run(node);
    await run(node, ['remove']);
    expect(node.host.paths()).toContain('/etc/modules-load.d');
    expect(node.host.paths()).not.toContain(path);
  });

  it('says what modprobe said, and the engine is left alone', async () => {
    const node = await nodeWithModules();
    const onRun = node.host.onRun;
    const why = "modprobe: ERROR: could not insert 'vhost_vsock': Operation not permitted\n";
    node.host.onRun = (argv) =>
      argv[0] === '/usr/sbin/modprobe' ? { exitCode: 1, stdout: '', stderr: why } : onRun(argv);
    expect((await run(node)).at(2)).toMatchObject({
      outcome: 'failed',
      reason: 'ModuleNotLoaded',
      message: expect.stringContaining("could not insert 'vhost_vsock': Operation not permitted") as unknown,
    });
    expect(node.restarts()).toBe(0);
  });

  it('notices a module that loads and brings no device', async () => {
    const node = await nodeWithModules();
    const onRun = node.host.onRun;
    node.host.onRun = async (argv) => {
      const result = await onRun(argv);
      await node.host.removeFile('/dev/vhost-vsock');
      return result;
    };
    expect((await run(node)).at(2)).toMatchObject({ outcome: 'failed', reason: 'DeviceMissing' });
  });
});
