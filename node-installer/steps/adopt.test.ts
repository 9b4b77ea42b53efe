import { describe, expect, it } from 'vitest';
import { fakeNode, type FakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

const withHandler = (type: string) => `version = 3
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.tiny]
  runtime_type = "${type}"
`;
const right = withHandler('io.containerd.runc.v2');

/** How a host comes to be one that cannot be written to. */
const hosts: [string, (node: FakeNode) => void, string][] = [
  [
    'Talos',
    ({ host }) => host.put('/etc/os-release', 'ID=talos\n'),
    'Cannot change the container engine of talos: its root file system and the config of its containerd are not for others to write',
  ],
  [
    'Bottlerocket',
    ({ host }) => host.put('/etc/os-release', 'ID=bottlerocket\n'),
    'Cannot change the container engine of bottlerocket: its root file system and the config of its containerd are not for others to write',
  ],
  [
    'a read-only /opt',
    ({ host }) => host.put('/proc/1/mounts', '/dev/sda / ext4 rw 0 0\n/dev/sdb /opt ext4 ro 0 0\n'),
    'Cannot write to /opt/bulkhead: it is on a read-only file system',
  ],
  [
    'a read-only /etc',
    ({ host }) => host.put('/proc/1/mounts', '/dev/sda / ext4 rw 0 0\nover /etc overlay ro 0 0\n'),
    'Cannot write to /etc/systemd/system: it is on a read-only file system',
  ],
];

async function reportsOf({ host }: FakeNode, task = tinyTask()) {
  return runSteps(host, tinyPayload(), task, [...install, 'remove']);
}

describe.each(hosts)('a node with %s', (_, spoil, told) => {
  it('is taken as it is when it has the handlers, and nothing is ever written', async () => {
    const node = await fakeNode(right);
    spoil(node);
    const reports = await reportsOf(node);
    expect(reports.map(({ outcome }) => outcome)).toEqual(reports.map(() => 'unchanged'));
    expect(reports[0]?.message).toBe(
      'The node cannot be written to and has the handlers already (tiny): it is taken as it is.',
    );
    expect(reports[3]?.handlers).toContain('tiny');
    expect(node.host.effects).toEqual([]);
  });

  it('is refused with what its image lacks when it has not, and nothing is written', async () => {
    const node = await fakeNode();
    spoil(node);
    const reports = await reportsOf(node);
    expect(reports[0]).toMatchObject({
      outcome: 'ineligible',
      message: `${told}, and containerd does not list tiny.`,
      hint: "The node's image must configure tiny (runtime_type io.containerd.runc.v2) for /usr/bin/containerd, and bring bin/shim; or keep the node out by spec.nodes.selector.",
    });
    expect(reports.slice(1, 4).map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped']);
    expect(node.host.effects).toEqual([]);
  });

  it('is refused when its handler of that name is something else', async () => {
    const node = await fakeNode(withHandler('io.containerd.other.v1'));
    spoil(node);
    const [report] = await reportsOf(node);
    expect(report).toMatchObject({
      outcome: 'ineligible',
      reason: 'HandlerConflict',
      message:
        'Cannot take over the handler tiny: it is of type io.containerd.other.v1 in the config of containerd, not io.containerd.runc.v2.',
    });
  });
});

describe('a node that is taken as it is', () => {
  it('is not verified once a handler is gone', async () => {
    const node = await fakeNode(right);
    hosts[0]?.[1](node);
    const { host } = node;
    const honest = host.askCri;
    let asked = 0;
    host.askCri = async (socket) => {
      const answer = await honest(socket);
      asked += 1;
      return asked === 1 || answer.kind === 'Silent' ? answer : { ...answer, handlers: ['runc'] };
    };
    const reports = await runSteps(host, tinyPayload(), tinyTask(), install);
    expect(reports[3]).toMatchObject({ step: 'verify', outcome: 'failed', reason: 'HandlerMissing' });
  });

  it('is none when the handlers are from an install before the file system became read-only', async () => {
    const node = await fakeNode();
    await runSteps(node.host, tinyPayload(), tinyTask(), install);
    const effects = node.host.effects.length;
    hosts[2]?.[1](node);
    const [report] = await runSteps(node.host, tinyPayload(), tinyTask({ revision: 'r2' }), ['preflight']);
    expect(report).toMatchObject({
      outcome: 'ineligible',
      reason: 'ReadOnlyHost',
      message:
        'Cannot write to /opt/bulkhead: it is on a read-only file system, and the handlers there are from an earlier install.',
      hint: 'Make the file system writable again.',
    });
    expect(node.host.effects).toHaveLength(effects);
  });
});
