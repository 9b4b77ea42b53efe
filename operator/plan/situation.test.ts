import { describe, expect, it } from 'vitest';
import type { ObservedPod } from './observe-pod.ts';
import { situationOf } from './situation.ts';
import { nodeOf, podOf, reportOf } from './testing.ts';

const install = { 'install.bulkhead.dev/gvisor': 'new' };
const remove = { 'remove.bulkhead.dev/gvisor': 'gone' };
const handler = 'handler.bulkhead.dev/gvisor';
const ready = {
  labels: { ...install, [handler]: 'ready' },
  applied: { 'bulkhead-operator-runtime-gvisor': [handler, 'install.bulkhead.dev/gvisor'] },
};
const pod = (rest: Partial<ObservedPod>) => podOf('n', rest);
const running = { kind: 'Running', step: 'stage' } as const;
const ineligible = reportOf('preflight', 'ineligible', { reason: 'CriDisabled' });

describe('situationOf()', () => {
  it.each([
    ['a node without a gate has nothing of ours', {}, [pod({})], { kind: 'Absent' }],
    [
      'a gate without a pod yet is work',
      { labels: install },
      [],
      { kind: 'Working', step: 'preflight', midStep: false },
    ],
    [
      'a running step is work in the middle',
      { labels: install },
      [pod({ progress: running })],
      { kind: 'Working', step: 'stage', midStep: true },
    ],
    [
      'a pod that ended well is done',
      { labels: install },
      [pod({})],
      { kind: 'Done', job: 'install', revision: 'new' },
    ],
    [
      'a step that said no has stopped',
      { labels: install },
      [pod({ progress: { kind: 'Stopped', report: ineligible, reports: [ineligible] } })],
      { kind: 'Stopped', report: { reason: 'CriDisabled' } },
    ],
    [
      'a crash has stopped',
      { labels: install },
      [pod({ progress: { kind: 'Crashed', step: 'stage', message: 'boom' } })],
      { kind: 'Stopped', report: { step: 'stage', reason: 'StepCrashed', message: 'boom' } },
    ],
    ['a pod that is being deleted does not count', { labels: install }, [pod({ leaving: true })], { kind: 'Working' }],
    [
      'a pod of another revision is a stray',
      { labels: install },
      [pod({ revision: 'old' })],
      { kind: 'Working', stray: { revision: 'old' } },
    ],
    ['another runtime’s pod does not count', { labels: install }, [pod({ runtime: 'kata' })], { kind: 'Working' }],
    ['a verified node stays done while its pod is made again', ready, [], { kind: 'Done', midStep: false }],
    [
      'a verified node stays done while its pod runs again',
      ready,
      [pod({ progress: running })],
      { kind: 'Done', midStep: true },
    ],
    [
      'another runtime’s handler label says nothing',
      { ...ready, applied: { 'bulkhead-operator-runtime-kata': [handler] } },
      [],
      { kind: 'Working' },
    ],
    [
      'the removal gate goes before the install gate',
      { labels: { ...install, ...remove } },
      [pod({})],
      { kind: 'Working', job: 'remove', step: 'remove' },
    ],
    [
      'an install pod that ended well says nothing about a removal',
      { labels: remove },
      [pod({ revision: 'gone' })],
      { kind: 'Working', job: 'remove' },
    ],
    [
      'handler labels that are still there say nothing about a removal',
      { ...ready, labels: { ...ready.labels, ...remove } },
      [],
      { kind: 'Working', job: 'remove' },
    ],
    [
      'a removal pod that ended well is done',
      { labels: remove },
      [pod({ job: 'remove', revision: 'gone' })],
      { kind: 'Done', job: 'remove', revision: 'gone' },
    ],
  ] as const)('%s', (_, node, pods, expected) => {
    expect(situationOf(nodeOf('n', node), 'gvisor', pods)).toMatchObject(expected);
  });
});
