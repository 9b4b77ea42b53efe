import { describe, expect, it } from 'vitest';
import { probeActionOf } from './probe.ts';
import { nodeOf, podOf } from './testing.ts';

const node = nodeOf('a', { kernel: '6.1', engine: 'containerd://2' });
const probe = (rest: object = {}) => podOf('a', { job: 'probe', revision: 'v1', ...rest });
const probed = '6.1 containerd://2';
const restarting = nodeOf('a', { kernel: '6.1', engine: 'containerd://Unknown' });

describe('probeActionOf()', () => {
  it.each([
    ['notes what a node looked like when it was probed', probe(), 'Mark'],
    ['leaves a node alone that looks the same', probe({ probed }), 'None'],
    ['probes again after an engine update', probe({ probed: '6.1 containerd://1' }), 'Restart'],
    ['probes again with another installer', probe({ probed, revision: 'v0' }), 'Restart'],
    [
      'does not disturb a probe that runs',
      probe({ revision: 'v0', progress: { kind: 'Running', step: 'probe' } }),
      'None',
    ],
    ['waits for the next pod when the last is going', probe({ leaving: true }), 'None'],
    ['pays no attention to other pods', podOf('a'), 'None'],
  ])('%s', (_, pod, kind) => expect(probeActionOf(node, [pod], 'v1').kind).toBe(kind));

  it.each([
    ['probed before', probe({ probed })],
    ['not looked at before', probe()],
  ])('waits for the end of an engine restart on a node %s', (_, pod) => {
    expect(probeActionOf(restarting, [pod], 'v1').kind).toBe('None');
  });
});
