// What somebody has changed on a node is named with its path, and the next install puts it right.
import { describe, expect, it } from 'vitest';
import type { NodeReport } from '../../crds/node-report.ts';
import type { FakeHost } from '../../test/fakes/fake-host.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { readOnly } from '../../test/fakes/read-only.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

const configPath = '/etc/containerd/config.toml';
const dropIn = '/etc/containerd/bulkhead.d/tiny.toml';
const task = tinyTask({ needs: { virtualization: 'Ignored', modules: ['tun'] } });

/** The test's kernel has no modules but those that were loaded. */
function loadModules(host: FakeHost): void {
  const onRun = host.onRun;
  host.onRun = (argv) => {
    if (argv[0]?.endsWith('/modprobe')) host.put('/proc/modules', `${argv[1]} 1 0 - Live 0x0\n`);
    return onRun(argv);
  };
}

async function installedNode(): Promise<{ node: FakeNode; host: FakeHost; folder: string }> {
  const node = await fakeNode('version = 3\n');
  node.host.put('/proc/modules', 'tun 1 0 - Live 0x0\n');
  loadModules(node.host);
  const reports = await runSteps(node.host, tinyPayload(), task, install);
  expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
  const [name = ''] = await node.host.list('/opt/bulkhead/tiny');
  node.host.now += 1000;
  return { node, host: node.host, folder: `/opt/bulkhead/tiny/${name}` };
}

/** In a pod of its own, without a note. */
async function verifyAlone(host: FakeHost): Promise<NodeReport | undefined> {
  return (await runSteps(readOnly(host), tinyPayload(), task, ['verify']))[0];
}

type Drift = [string, (host: FakeHost, folder: string) => unknown, string, (folder: string) => string[]];
const drifts: Drift[] = [
  [
    'a file that is changed',
    (host, folder) => host.put(`${folder}/bin/shim`, '#!/bin/sh\necho a shim of the tesT\n', 0o755),
    'PayloadDamaged',
    (folder) => [`${folder}/bin/shim is changed`],
  ],
  [
    'a file that is cut, and one that is missing',
    (host, folder) => {
      host.put(`${folder}/bin/shim`, '#!', 0o755);
      return host.removeFile(`${folder}/tiny.toml`);
    },
    'PayloadDamaged',
    (folder) => [`${folder}/bin/shim is changed (2 bytes, not 34)`, `${folder}/tiny.toml is missing`],
  ],
  [
    'a mode',
    (host, folder) => host.put(`${folder}/bin/shim`, host.text(`${folder}/bin/shim`) ?? '', 0o4755),
    'PayloadDamaged',
    (folder) => [`${folder}/bin/shim has the mode 4755, not 0755`],
  ],
  [
    'a file of somebody else',
    (host, folder) => host.put(`${folder}/bin/more/spy`, ''),
    'PayloadDamaged',
    (folder) => [`${folder}/bin/more/spy does not belong there`],
  ],
  [
    'a manifest that is changed',
    (host, folder) => host.put(`${folder}/manifest.json`, '{}'),
    'PayloadDamaged',
    () => ['no folder in /opt/bulkhead/tiny is the payload of this revision'],
  ],
  ['a drop-in that is gone', (host) => host.removeFile(dropIn), 'ConfigDrifted', () => [`${dropIn} is missing`]],
  [
    'a drop-in that is edited',
    (host) => host.put(dropIn, `${host.text(dropIn)}# mine\n`),
    'ConfigDrifted',
    () => [`${dropIn} is changed`],
  ],
  [
    'a root file without our import',
    (host) => host.put(configPath, 'version = 3\n'),
    'ConfigDrifted',
    () => [`${configPath} is changed`],
  ],
  [
    'a root file that would not load',
    (host) => host.put(configPath, 'version = ['),
    'ConfigDrifted',
    () => [
      `Cannot use the config of containerd: ${configPath} is not valid TOML (Invalid TOML document: unfinished array)`,
    ],
  ],
  [
    'a module that is neither loaded nor kept',
    (host) => {
      host.put('/proc/modules', '');
      host.put('/lib/modules/unknown/modules.dep', 'kernel/tun.ko:\n');
      return host.removeFile('/etc/modules-load.d/bulkhead-tiny.conf');
    },
    'KernelDrifted',
    () => ['the kernel module tun is not loaded', '/etc/modules-load.d/bulkhead-tiny.conf is missing'],
  ],
  [
    'a handler that the engine does not list',
    (host) => host.answer.kind === 'Answered' && (host.answer = { ...host.answer, handlers: ['runc'] }),
    'HandlerMissing',
    () => ['the CRI does not list tiny'],
  ],
  [
    'an engine that is older than its config',
    (host) => host.put(configPath, `${host.text(configPath)}# an admin\n`),
    'EngineOutdated',
    () => ['containerd has not read the config that is on disk'],
  ],
];

describe('verify()', () => {
  it('finds nothing on a node that is as it was left, and its payload without being told where', async () => {
    const { host } = await installedNode();
    expect(await verifyAlone(host)).toMatchObject({ outcome: 'unchanged', handlers: ['runc', 'tiny'] });
  });

  it.each(drifts)('names %s, and the next install puts it right', async (_, spoil, reason, words) => {
    const { host, folder } = await installedNode();
    await spoil(host, folder);
    const drift = words(folder);
    expect(await verifyAlone(host)).toMatchObject({
      outcome: 'failed',
      reason,
      message: `Cannot verify tiny: ${drift.join('; ')}.`,
      drift,
    });
    if (host.text(configPath) === 'version = [') return;
    const repaired = await runSteps(host, tinyPayload(), task, install);
    expect(repaired.every(({ outcome }) => outcome === 'done' || outcome === 'unchanged')).toBe(true);
    expect(await verifyAlone(host)).toMatchObject({ outcome: 'unchanged' });
  });

  it('names all that it finds', async () => {
    const { host, folder } = await installedNode();
    await host.removeFile(dropIn);
    host.put(`${folder}/spy`, '');
    expect(await verifyAlone(host)).toMatchObject({
      reason: 'PayloadDamaged',
      drift: [`${folder}/spy does not belong there`, `${dropIn} is missing`],
    });
  });

  it('says that nothing is there at all', async () => {
    const { host } = await fakeNode('version = 3\n');
    expect(await verifyAlone(host)).toMatchObject({
      outcome: 'failed',
      drift: expect.arrayContaining(['no folder in /opt/bulkhead/tiny is the payload of this revision']) as unknown,
    });
  });

  it('asks a host that was taken as it is for its handlers alone', async () => {
    const { host } = await fakeNode('version = 3\n');
    host.put('/proc/1/mounts', '/dev/sda / ext4 ro 0 0\n');
    expect(await verifyAlone(host)).toMatchObject({ outcome: 'failed', reason: 'HandlerMissing' });
    host.answer = { ...host.answer, handlers: ['tiny'] } as typeof host.answer;
    expect(await verifyAlone(host)).toMatchObject({ outcome: 'unchanged' });
  });
});
