import { describe, expect, it } from 'vitest';
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import { type Claim, entryOf } from './node-entry.ts';
import type { Situation } from './situation.ts';
import { podOf, reportOf } from './testing.ts';

const wanted: Claim = { kind: 'Wanted' };
const unwanted: Claim = { kind: 'Unwanted' };
const then = '2026-01-01T00:00:00Z';
const now = '2026-01-01T00:10:00Z';
const failed = reportOf('activate', 'failed', {
  reason: 'ConfigBroken',
  message: 'No.',
  hint: 'Do.',
  engineRestarts: 1,
});
const stoppedIn = (pod: string): Situation => ({
  kind: 'Stopped',
  job: 'install',
  revision: 'r',
  pod: podOf('n', { name: pod }),
  report: failed,
  reports: [reportOf('stage', 'done'), failed, reportOf('verify', 'skipped')],
  midStep: false,
});
const working: Situation = { kind: 'Working', job: 'install', revision: 'r', step: 'activate', midStep: true };
const removed: Situation = { kind: 'Done', job: 'remove', revision: 'x', reports: [], midStep: false };
const entry = (phase: NodeRuntime['phase'], rest: Partial<NodeRuntime> = {}): NodeRuntime => ({
  name: 'gvisor',
  revision: 'r',
  phase,
  lastTransitionTime: then,
  ...rest,
});
const next = (claim: Claim, situation: Situation, previous?: NodeRuntime) =>
  entryOf('gvisor', claim, situation, previous, now);

describe('entryOf()', () => {
  it('lets a wanted node wait its turn', () => {
    expect(next(wanted, { kind: 'Absent' })).toEqual({ name: 'gvisor', phase: 'Waiting', lastTransitionTime: now });
  });

  it('says nothing about a node that is not wanted and has nothing', () => {
    expect(next(unwanted, { kind: 'Absent' })).toBeUndefined();
  });

  it('remembers a node that has the runtime but lost our labels', () => {
    expect(next(unwanted, { kind: 'Absent' }, entry('Ready'))).toMatchObject({ phase: 'Waiting', revision: 'r' });
  });

  it('forgets a node once the runtime is off it', () => {
    expect(next(unwanted, removed, entry('Removing'))).toBeUndefined();
  });

  it('says why a node is refused', () => {
    const claim: Claim = { kind: 'Refused', reason: 'WrongArchitecture', message: 'No.', hint: 'Do.' };
    expect(next(claim, { kind: 'Absent' })).toMatchObject({
      phase: 'Ineligible',
      reason: 'WrongArchitecture',
      hint: 'Do.',
    });
  });

  it('keeps the time of the transition while the phase is the same', () => {
    expect(next(wanted, working, entry('Activating'))?.lastTransitionTime).toBe(then);
    expect(next(wanted, working, entry('Staging'))?.lastTransitionTime).toBe(now);
  });

  it('shows what kubelet says about a pod that does not start', () => {
    const trouble = { reason: 'ErrImagePull', message: 'not found' };
    expect(next(wanted, { ...working, midStep: false, trouble })).toMatchObject({
      ...trouble,
      phase: 'Activating',
    });
  });

  it('shows the step, the reason, the hint, the restarts and the steps of a failure', () => {
    expect(next(wanted, stoppedIn('p1'))).toMatchObject({
      phase: 'Failed',
      step: 'activate',
      reason: 'ConfigBroken',
      message: 'No.',
      hint: 'Do.',
      attempts: 1,
      engineRestarts: 1,
      steps: [{ name: 'stage' }, { name: 'activate' }],
      pod: 'p1',
    });
  });

  it('counts a failure once, however often it looks', () => {
    const first = next(wanted, stoppedIn('p1'), entry('Activating'));
    expect(next(wanted, stoppedIn('p1'), first)).toEqual(first);
  });

  it('counts the failure of another pod, even without having seen it work', () => {
    const second = next(wanted, stoppedIn('p2'), entry('Failed', { attempts: 1, pod: 'p1' }));
    expect(second).toMatchObject({ attempts: 2, lastTransitionTime: now });
  });

  it('remembers the tries while it tries again, and forgets them with another revision', () => {
    expect(next(wanted, working, entry('Failed', { attempts: 3 }))?.attempts).toBe(3);
    expect(next(wanted, working, entry('Failed', { attempts: 3, revision: 'older' }))?.attempts).toBeUndefined();
  });

  it('keeps what the change took while a verified node’s pod is made again', () => {
    const done: Situation = { kind: 'Done', job: 'install', revision: 'r', reports: [], midStep: false };
    const ready = entry('Ready', { engineRestarts: 1, steps: [{ name: 'stage', durationMs: 5 }], pod: 'p1' });
    expect(next(wanted, done, ready)).toEqual(ready);
  });

  it.each([
    ['ineligible', 'Ineligible'],
    ['rolledBack', 'RolledBack'],
    ['blocked', 'Blocked'],
    ['failed', 'Failed'],
  ] as const)('calls the outcome %s %s', (outcome, phase) => {
    expect(next(wanted, { ...stoppedIn('p'), report: { ...failed, outcome } } as Situation)?.phase).toBe(phase);
  });
});
