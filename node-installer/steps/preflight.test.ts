import { describe, expect, it } from 'vitest';
import { fakeNode, type FakeNode } from '../../test/fakes/fake-node.ts';
import { runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

async function preflightOf({ host }: FakeNode, task = tinyTask()) {
  const [report] = await runSteps(host, tinyPayload(), task, ['preflight']);
  return report;
}

/** A node, what is wrong with it, the reason word, and the sentence that a person reads. */
const refusals: [string, (node: FakeNode) => void, string, string][] = [
  [
    'no engine',
    ({ host }) => (host.running = []),
    'EngineNotFound',
    'Cannot find a container engine: no containerd, CRI-O or cri-dockerd runs on the node.',
  ],
  [
    'an old CRI-O',
    ({ host }) => {
      host.running = host.running.map((process) => ({ ...process, exe: '/usr/bin/crio', argv: ['crio'] }));
      if (host.answer.kind === 'Answered') host.answer = { ...host.answer, engineVersion: '1.29.0' };
    },
    'EngineTooOld',
    'Cannot add handlers to CRI-O 1.29.0: CRI-O 1.30 and later are supported.',
  ],
  [
    'containerd 1.6',
    ({ host }) => host.answer.kind === 'Answered' && (host.answer = { ...host.answer, engineVersion: '1.6.36' }),
    'EngineTooOld',
    'Cannot add handlers to containerd 1.6.36: 1.7 and 2.x are supported.',
  ],
  [
    'an engine without a CRI',
    ({ host }) => (host.answer = { kind: 'Silent', why: 'unknown service', isForGood: true }),
    'CriUnavailable',
    'Cannot reach the CRI of containerd at /run/containerd/containerd.sock: unknown service.',
  ],
  [
    'a CRI that is silent because of its config',
    ({ host }) => {
      host.put('/etc/containerd/config.toml', 'imports = ["/gone.toml"]\n');
      host.answer = { kind: 'Silent', why: 'connect ENOENT' };
    },
    'ConfigBroken',
    'Cannot use the config /etc/containerd/config.toml: it imports /gone.toml, which is not there.',
  ],
  [
    'a CRI that is off, and so silent',
    ({ host }) => {
      host.put('/etc/containerd/config.toml', 'disabled_plugins = ["io.containerd.nri.v1.nri", "cri"]\n');
      host.answer = { kind: 'Silent', why: 'unknown service' };
    },
    'CriDisabled',
    'Cannot use containerd for Kubernetes: its config disables the CRI (cri).',
  ],
  [
    'a read-only /opt',
    ({ host }) => host.put('/proc/1/mounts', '/dev/sda / ext4 rw 0 0\n/dev/sdb /opt ext4 ro,relatime 0 0\n'),
    'ReadOnlyHost',
    'Cannot write to /opt/bulkhead: it is on a read-only file system, and containerd does not list tiny.',
  ],
  [
    'a full disk',
    ({ host }) => (host.free = 1000),
    'NoDiskSpace',
    'Cannot put the payload under /opt/bulkhead: 67107864 bytes are missing (67108864 needed, 1000 free).',
  ],
  [
    'a config that is no TOML',
    ({ host }) => host.put('/etc/containerd/config.toml', 'version = ['),
    'ConfigBroken',
    'Cannot use the config of containerd: /etc/containerd/config.toml is not valid TOML (Invalid TOML document: unfinished array).',
  ],
];

describe('preflight()', () => {
  it.each(refusals)('refuses %s in words, and writes nothing', async (_, spoil, reason, message) => {
    const node = await fakeNode();
    spoil(node);
    const report = await preflightOf(node);
    expect(report).toMatchObject({
      outcome: 'ineligible',
      reason,
      message,
      hint: expect.stringMatching(/\.$/) as unknown,
    });
    expect(node.host.effects).toEqual([]);
  });

  it('wants KVM only for what needs it', async () => {
    const node = await fakeNode();
    expect(await preflightOf(node)).toMatchObject({ outcome: 'unchanged' });
    expect(await preflightOf(node, tinyTask({ needs: { virtualization: 'Required' } }))).toMatchObject({
      outcome: 'ineligible',
      reason: 'NoVirtualization',
      message: 'Cannot run tiny without hardware virtualization: there is no /dev/kvm: the KVM module is not loaded.',
    });
    node.host.put('/dev/kvm', '');
    node.host.devices['/dev/kvm'] = 'Opened';
    expect(await preflightOf(node, tinyTask({ needs: { virtualization: 'Required' } }))).toMatchObject({
      outcome: 'unchanged',
    });
  });

  it('knows from the catalogue that a version is for other machines', async () => {
    const node = await fakeNode();
    const host = { ...node.host, arch: 'riscv64' };
    const task = tinyTask({ family: 'gvisor', version: '20260905' });
    const [report] = await runSteps(host, tinyPayload(), task, ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'WrongArchitecture' });
  });

  it('reports the facts also when it refuses', async () => {
    const node = await fakeNode();
    node.host.running = [];
    expect(await preflightOf(node)).toMatchObject({
      facts: { os: 'Test OS', arch: 'amd64', virtualization: { usable: false } },
    });
  });
});
