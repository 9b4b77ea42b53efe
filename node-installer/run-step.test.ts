import { describe, expect, it } from 'vitest';
import { fakeNode } from '../test/fakes/fake-node.ts';
import { install, runSteps } from '../test/node-installer/run-steps.ts';
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

  it.each(['preflight', 'verify'] as const)(
    'has the %s wait for what another installer has half done',
    async (step) => {
      const { host } = await fakeNode();
      await runSteps(host, tinyPayload(), tinyTask(), install);
      const { answer } = host;
      host.answer = { kind: 'Silent', why: 'it restarts' };
      const busy = {
        ...host,
        askCri: async () => host.answer,
        untilUnlocked: async () => {
          host.answer = answer;
        },
      };
      const input = { host: busy, payload: tinyPayload(), taskText: JSON.stringify(tinyTask()), before: undefined };
      expect((await runStep(step, input)).report).toMatchObject({ outcome: 'unchanged' });
    },
  );
});
