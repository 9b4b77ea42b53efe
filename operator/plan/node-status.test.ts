import { describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../crds/node-facts.ts';
import { nodeStatusOf } from './node-status.ts';
import { podOf, reportOf } from './testing.ts';

const facts: NodeFacts = {
  arch: 'amd64',
  kernel: '6.1',
  os: 'Debian',
  distribution: 'kind',
  cgroupVersion: 2,
  selinux: 'disabled',
  engine: { kind: 'containerd', version: '2.3.7', socket: '/s', configPath: '/c' },
  virtualization: { usable: true, nested: true },
  freeDiskBytes: 1,
};
const probe = podOf('a', {
  job: 'probe',
  progress: { kind: 'Succeeded', reports: [reportOf('probe', 'done', { facts })] },
});
const entry = (name: string, reason?: string) =>
  ({ name, phase: reason ? 'Failed' : 'Ready', lastTransitionTime: 't', ...(reason && { reason }) }) as const;

describe('nodeStatusOf()', () => {
  it('shows the probe’s facts and each runtime with its phase, in order', () => {
    expect(nodeStatusOf([probe], [entry('kata', 'NoDiskSpace'), entry('gvisor')], {})).toMatchObject({
      facts,
      summary: { engine: 'containerd 2.3.7', kvm: 'nested', runtimes: 'gvisor=Ready,kata=Failed(NoDiskSpace)' },
    });
  });

  it('keeps the facts while the probe’s pod is made again', () => {
    expect(nodeStatusOf([{ ...probe, leaving: true }], [], { facts }).facts).toEqual(facts);
  });

  it('knows nothing before the probe', () => {
    expect(nodeStatusOf([], [], {})).toEqual({ summary: { runtimes: '' }, runtimes: [] });
  });
});
