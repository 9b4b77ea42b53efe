// What the steps make of an engine that runs and does not answer: it may be starting, hang, or have no CPU to spare.
import { describe, expect, it } from 'vitest';
import { fakeNode, type FakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import type { CriAnswer } from '../host/host.ts';

const late: CriAnswer = { kind: 'Silent', why: 'it has not answered within 20 s', isLate: true };

const nodes: [string, CriAnswer, (node: FakeNode) => void][] = [
  ['that is late', late, () => undefined],
  ['that starts', { kind: 'Silent', why: 'connect ECONNREFUSED' }, () => undefined],
  ['that is late, on a host that is taken as it is', late, ({ host }) => host.put('/etc/os-release', 'ID=talos\n')],
];

describe('preflight()', () => {
  it.each(nodes)('has a node tried again with an engine %s, and blames it for nothing', async (_, answer, make) => {
    const node = await fakeNode();
    make(node);
    node.host.answer = answer;
    const [report] = await runSteps(node.host, tinyPayload(), tinyTask(), ['preflight']);
    expect(report).toMatchObject({
      outcome: 'failed',
      reason: 'EngineNotReady',
      message: `Cannot reach the CRI of containerd at /run/containerd/containerd.sock: ${'why' in answer ? answer.why : ''}.`,
      hint: 'The node is tried again by itself; look at its load and at the log of containerd.service on it.',
    });
    expect(node.host.effects).toEqual([]);
  });
});

describe('verify()', () => {
  it('calls nothing changed on a node whose engine is late', async () => {
    const node = await fakeNode();
    await runSteps(node.host, tinyPayload(), tinyTask(), install);
    node.host.answer = late;
    const [report] = await runSteps(node.host, tinyPayload(), tinyTask(), ['verify']);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'EngineNotReady', hint: expect.stringMatching(/load/) });
    expect(report?.drift).toBeUndefined();
  });
});

describe('remove()', () => {
  it('takes nothing away beneath an engine that is late, which would keep its handlers', async () => {
    const node = await fakeNode();
    await runSteps(node.host, tinyPayload(), tinyTask(), install);
    const { answer } = node.host;
    const before = [...node.host.effects];
    node.host.answer = late;
    const remove = () => runSteps(node.host, tinyPayload(), tinyTask(), ['remove']);
    expect(await remove()).toMatchObject([{ outcome: 'failed', reason: 'EngineNotReady' }]);
    expect(node.host.effects).toEqual(before);
    node.host.answer = answer;
    expect(await remove()).toMatchObject([{ outcome: 'done', engineRestarts: 1 }]);
  });
});
