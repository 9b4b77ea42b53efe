import { describe, expect, it } from 'vitest';
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { Claim } from './node-entry.ts';
import type { ObservedRuntime } from './observe-runtime.ts';
import type { InvalidSpec } from './invalid-spec.ts';
import type { Wanted } from './resolve.ts';
import { runtimeStatusOf } from './runtime-status.ts';
import type { NodeView } from './survey.ts';
import { nodeOf, podOf, runtimeOf } from './testing.ts';

const now = '2026-01-01T01:00:00Z';
const earlier = '2026-01-01T00:00:00Z';

function viewIn(name: string, entry: Partial<NodeRuntime>, rest: Partial<NodeView> = {}): NodeView {
  const done = { kind: 'Done', job: 'install', revision: 'r', reports: [], midStep: false, pod: podOf(name) } as const;
  const working = { kind: 'Working', job: 'install', revision: 'r', step: 'stage', midStep: true } as const;
  const whole = { name: 'gvisor', phase: 'Ready', revision: 'r', lastTransitionTime: earlier, ...entry } as NodeRuntime;
  const busy = ['Preflight', 'Staging', 'Activating', 'Verifying', 'Removing'].includes(whole.phase);
  const situation = whole.phase === 'Waiting' ? ({ kind: 'Absent' } as const) : busy ? working : done;
  return { node: nodeOf(name), claim: { kind: 'Wanted' }, situation, entry: whole, recorded: whole, ...rest };
}
const unwanted: Claim = { kind: 'Unwanted' };
const failed = { phase: 'Failed', reason: 'ConfigBroken', message: 'The config is broken.', hint: 'Mend it.' } as const;
const blocked = {
  phase: 'Blocked',
  reason: 'SandboxesRunning',
  message: '2 sandboxes run.',
  hint: 'Delete their pods.',
} as const;

function status(
  views: NodeView[],
  { spec = {}, invalid, ...rest }: Partial<ObservedRuntime> & { spec?: object; invalid?: InvalidSpec } = {},
) {
  const runtime = runtimeOf('gvisor', { family: 'gvisor', ...spec }, rest);
  const parsed = runtime.parsed.kind === 'Spec' ? runtime.parsed.spec : undefined;
  const wanted = {
    kind: 'Wanted',
    spec: parsed,
    version: '1',
    task: { revision: 'r', handlers: [{ name: 'gvisor' }] },
    classes: [{ name: 'gv', handler: 'gvisor' }],
  } as unknown as Wanted;
  const result = runtimeStatusOf(runtime, invalid ?? wanted, views, now);
  const condition = (type: string) => result.conditions?.find((each) => each.type === type);
  return { ...result, condition };
}

describe('runtimeStatusOf()', () => {
  it('shows how many of the eligible nodes are ready', () => {
    const views = [
      viewIn('a', {}),
      viewIn('b', { phase: 'Staging' }),
      viewIn('c', { phase: 'Waiting', revision: undefined }),
      viewIn('d', { phase: 'Ineligible' }),
      viewIn('e', failed),
      viewIn('f', { revision: 'older' }),
    ];
    expect(status(views)).toMatchObject({
      ready: '2/5',
      nodes: { eligible: 5, ready: 2, changing: 1, failed: 1, skipped: 1, outdated: 1 },
      revision: 'r',
      version: '1',
      handlers: [{ name: 'gvisor', runtimeClass: 'gv', nodesReady: 2 }],
    });
  });

  it.each([
    ['Ready', [viewIn('a', {})], {}],
    ['Progressing', [viewIn('a', {}), viewIn('b', { phase: 'Activating' })], {}],
    ['Progressing', [viewIn('a', { revision: 'older' })], {}],
    ['Degraded', [viewIn('a', {}), viewIn('b', failed)], {}],
    ['Paused', [viewIn('a', { phase: 'Waiting' })], { spec: { rollout: { paused: true } } }],
    ['NoEligibleNodes', [viewIn('a', { phase: 'Ineligible' })], {}],
    ['Removing', [viewIn('a', { phase: 'Removing' }, { claim: unwanted })], { deleting: true }],
    ['RemovalBlocked', [viewIn('a', blocked, { claim: unwanted })], { deleting: true }],
    ['RemovalBlocked', [viewIn('a', {}, { claim: unwanted, node: nodeOf('a', { ready: false }) })], { deleting: true }],
  ])('sums up as %s', (summary, views, rest) => expect(status(views, rest).summary).toBe(summary));

  it('says in one sentence why a node failed and what to do', () => {
    expect(status([viewIn('a', failed)]).condition('Degraded')).toMatchObject({
      status: 'True',
      reason: 'ConfigBroken',
      message: '1 node failed: a. The config is broken. Mend it.',
    });
  });

  it('says what blocks a removal and what to do', () => {
    expect(
      status([viewIn('a', blocked, { claim: unwanted })], { deleting: true }).condition('RemovalBlocked'),
    ).toMatchObject({
      status: 'True',
      reason: 'SandboxesRunning',
      message: '1 node cannot be cleaned now: a. 2 sandboxes run. Delete their pods.',
    });
  });

  it('says which node is changing, and which one holds the rollout up', () => {
    const views = [viewIn('a', { phase: 'Staging' }), viewIn('b', {}, { node: nodeOf('b', { ready: false }) })];
    expect(status(views).condition('Progressing')?.message).toBe(
      '1 node changing (a), 0 to go. Not ready, so counted as unavailable: b.',
    );
  });

  it('says what is wrong with the spec', () => {
    const invalid = {
      kind: 'InvalidSpec',
      reason: 'UnknownFamily',
      message: 'There is no x.',
      hint: 'Use y.',
    } as const;
    const result = status([], { invalid });
    expect(result.summary).toBe('UnknownFamily');
    expect(result.condition('Ready')).toMatchObject({
      status: 'False',
      reason: 'UnknownFamily',
      message: 'There is no x. Use y.',
    });
  });

  it('keeps the time of a condition whose status is the same, and takes the new time otherwise', () => {
    const before = (type: 'Ready' | 'Degraded', value: 'True' | 'False') =>
      ({ type, status: value, reason: 'x', message: 'x', lastTransitionTime: earlier }) as const;
    const result = status([viewIn('a', {})], {
      status: { conditions: [before('Ready', 'True'), before('Degraded', 'True')] },
    });
    expect(result.condition('Ready')?.lastTransitionTime).toBe(earlier);
    expect(result.condition('Degraded')?.lastTransitionTime).toBe(now);
  });

  it('is the same when nothing has changed', () => {
    const first = status([viewIn('a', {})]);
    const second = status([viewIn('a', {})], { status: first });
    expect(second.conditions).toEqual(first.conditions);
  });
});
