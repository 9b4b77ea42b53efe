import { describe, expect, it } from 'vitest';
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { SandboxRuntimeStatus } from '../../crds/sandbox-runtime.ts';
import { nodeEvents, runtimeEvents } from './events.ts';

const entry = (phase: NodeRuntime['phase'], rest: Partial<NodeRuntime> = {}): NodeRuntime => ({
  name: 'gvisor',
  phase,
  revision: 'r',
  lastTransitionTime: 't1',
  ...rest,
});
const failed = entry('Failed', { reason: 'ConfigBroken', message: 'Broken.', hint: 'Mend it.' });
const told = (before: NodeRuntime[], after: NodeRuntime[]) => nodeEvents(before, after).map(({ message }) => message);

describe('nodeEvents()', () => {
  it.each([
    ['a node that became ready', [entry('Verifying')], [entry('Ready')], ['gvisor: Ready: revision r']],
    ['nothing about a phase in between', [entry('Preflight')], [entry('Staging')], []],
    ['nothing when nothing changed', [failed], [failed], []],
    ['a failure, with what to do', [entry('Activating')], [failed], ['gvisor: Failed: Broken. Mend it.']],
    ['a second failure', [failed], [{ ...failed, lastTransitionTime: 't2' }], ['gvisor: Failed: Broken. Mend it.']],
    ['the end of a removal', [entry('Removing')], [], ['gvisor: Removed']],
    ['nothing about a node that never had it', [entry('Waiting')], [], []],
  ])('tells of %s', (_, before, after, expected) => expect(told(before, after)).toEqual(expected));

  it('tells two failures apart and one from itself', () => {
    const identities = ['t1', 't1', 't2'].map(
      (at) => nodeEvents([], [{ ...failed, lastTransitionTime: at }])[0]?.identity,
    );
    expect(new Set(identities).size).toBe(2);
  });
});

const condition = (
  type: 'Ready' | 'Degraded' | 'Progressing',
  status: 'True' | 'False',
  reason: string,
): SandboxRuntimeStatus => ({
  conditions: [{ type, status, reason, message: 'm', lastTransitionTime: 't' }],
});

describe('runtimeEvents()', () => {
  it.each([
    [
      'the rollout that ended',
      condition('Ready', 'False', 'NodesNotReady'),
      condition('Ready', 'True', 'AllNodesReady'),
      ['AllNodesReady'],
    ],
    ['a spec that means nothing', {}, condition('Ready', 'False', 'UnknownFamily'), ['UnknownFamily']],
    ['a degraded rollout', condition('Degraded', 'False', 'NoFailures'), condition('Degraded', 'True', 'X'), ['X']],
    ['nothing at the start', {}, condition('Ready', 'False', 'NodesNotReady'), []],
    ['nothing about progress', {}, condition('Progressing', 'True', 'RollingOut'), []],
    ['nothing when nothing changed', condition('Degraded', 'True', 'X'), condition('Degraded', 'True', 'X'), []],
  ])('tells of %s', (_, before, after, expected) => {
    expect(runtimeEvents(before, after).map(({ reason }) => reason)).toEqual(expected);
  });
});
