import { describe, expect, it } from 'vitest';
import { fakeNode } from '../test/fakes/fake-node.ts';
import { tinyPayload, tinyTask } from '../test/node-installer/tiny-payload.ts';
import { runStep } from './run-step.ts';

const right = `version = 3
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.tiny]
  runtime_type = "io.containerd.runc.v2"
`;

describe('runStep()', () => {
  it('has the preflight decide anew whether a node is taken as it is, when the pod runs again', async () => {
    const { host } = await fakeNode(right);
    host.put('/proc/1/mounts', '/dev/sda / ext4 ro 0 0\n');
    const input = { host, payload: tinyPayload(), taskText: JSON.stringify(tinyTask()) };
    const { note } = await runStep('preflight', { ...input, before: undefined });
    expect(note).toMatchObject({ outcome: 'unchanged', adopted: true });
    host.put('/proc/1/mounts', '/dev/sda / ext4 rw 0 0\n');
    host.put('/etc/containerd/config.toml', 'version = 3\n');
    const again = await runStep('preflight', { ...input, before: note });
    expect(again.note).toEqual({ step: 'preflight', outcome: 'unchanged' });
    expect((await runStep('stage', { ...input, before: again.note })).report).toMatchObject({ outcome: 'done' });
  });
});
