import { describe, expect, it } from 'vitest';
import type { NodeRuntime } from '../../crds/sandbox-node.ts';
import type { ObservedNode } from './observe-node.ts';
import type { ObservedPod } from './observe-pod.ts';
import { planRollout, type RolloutInput } from './rollout.ts';
import { type NodeView, viewOf } from './survey.ts';
import { nodeOf, podOf, reportOf, runtimeOf } from './testing.ts';
import type { Wanted } from './resolve.ts';

const now = '2026-01-01T01:00:00Z';
const gate = 'install.bulkhead.dev/gvisor';
const removeGate = 'remove.bulkhead.dev/gvisor';
const handler = 'handler.bulkhead.dev/gvisor';
const handlerTask = (name: string) => ({ name, runtimeType: 'x', options: {}, podAnnotations: [], requires: [] });

type Rest = { node?: Partial<ObservedNode>; pods?: ObservedPod[]; recorded?: Partial<NodeRuntime>; deleting?: boolean };

function view(name: string, { node, pods = [], recorded, deleting = false }: Rest = {}): NodeView {
  const spec = { family: 'gvisor', nodes: { selector: {} } };
  const runtime = runtimeOf('gvisor', spec, { deleting });
  const wanted = {
    kind: 'Wanted',
    spec,
    arches: ['amd64'],
    unpinned: new Map(),
    version: '1',
    task: { family: 'gvisor' },
  } as unknown as Wanted;
  const entry = recorded && { name: 'gvisor', phase: 'Ready', lastTransitionTime: now, ...recorded };
  const sandboxNode = entry && { name, uid: 's', owner: `uid-${name}`, status: { runtimes: [entry as NodeRuntime] } };
  const seen = viewOf({ node: nodeOf(name, node), pods, sandboxNode }, runtime, wanted, now);
  if (!seen) throw new Error(`no view of ${name}`);
  return seen;
}

const fresh = (name: string, node?: Partial<ObservedNode>) => view(name, node ? { node } : {});
const working = (name: string) => view(name, { node: { labels: { [gate]: 'new' } } });
const ready = (name: string, revision = 'new', rest: Rest = {}) =>
  view(name, {
    node: {
      labels: { [gate]: revision, [handler]: 'ready' },
      applied: { 'bulkhead-operator-runtime-gvisor': [gate, handler] },
      ...rest.node,
    },
    pods: rest.pods ?? [podOf(name, { revision })],
    recorded: { revision },
    ...(rest.deleting && { deleting: true }),
  });
const stopped = (name: string, minutesAgo: number, attempts = 1, revision = 'new') => {
  const report = reportOf('activate', 'failed', { reason: 'X' });
  const lastTransitionTime = new Date(Date.parse(now) - minutesAgo * 60_000).toISOString();
  return view(name, {
    node: { labels: { [gate]: revision } },
    pods: [podOf(name, { revision, progress: { kind: 'Stopped', report, reports: [report] } })],
    recorded: { phase: 'Failed', revision, attempts, pod: `pod-${name}`, lastTransitionTime },
  });
};
const deleted = (name: string) => ready(name, 'new', { deleting: true });

const plan = (views: NodeView[], rest: Partial<RolloutInput> = {}) => {
  const result = planRollout({
    runtime: 'gvisor',
    views,
    install: { revision: 'new', inPlace: true, handlers: [handlerTask('gvisor')], nodeLabels: {} },
    remove: { revision: 'gone', inPlace: true },
    paused: false,
    maxUnavailable: 1,
    nowMs: Date.parse(now),
    ...rest,
  });
  return {
    labels: Object.fromEntries(result.labels.map(({ node, labels }) => [node.name, labels])),
    restart: result.restart.map(({ name }) => name),
    wakeInMinutes: result.wakeAtMs && (result.wakeAtMs - Date.parse(now)) / 60_000,
  };
};
const opened = (views: NodeView[], rest?: Partial<RolloutInput>) => {
  const before = new Map(views.map(({ node }) => [node.name, node.labels]));
  const { labels } = plan(views, rest);
  return Object.keys(labels).filter((name) =>
    [gate, removeGate].some((key) => labels[name]?.[key] && labels[name][key] !== before.get(name)?.[key]),
  );
};

describe('planRollout()', () => {
  it.each([
    ['starts one node of three by default', [fresh('a'), fresh('b'), fresh('c')], {}, ['a']],
    ['starts as many as maxUnavailable', [fresh('a'), fresh('b'), fresh('c')], { maxUnavailable: 2 }, ['a', 'b']],
    ['starts no second node while one changes', [working('a'), fresh('b')], {}, []],
    ['starts the next once the first is ready', [ready('a'), fresh('b')], {}, ['b']],
    ['starts the next after one that failed', [stopped('a', 0), fresh('b')], {}, ['b']],
    ['starts none while another is not ready', [fresh('a'), fresh('b', { ready: false })], {}, []],
    [
      'starts beside one that is not ready when two may be out',
      [fresh('a'), fresh('b', { ready: false })],
      { maxUnavailable: 2 },
      ['a'],
    ],
    [
      'starts no node that is not ready itself',
      [fresh('a', { ready: false }), fresh('b')],
      { maxUnavailable: 2 },
      ['b'],
    ],
    [
      'counts a verified node whose pod runs again as changing',
      [ready('a', 'new', { pods: [podOf('a', { progress: { kind: 'Running', step: 'stage' } })] }), fresh('b')],
      {},
      [],
    ],
    [
      'rounds a share down',
      ['a', 'b', 'c', 'd', 'e'].map((name) => fresh(name)),
      { maxUnavailable: '50%' },
      ['a', 'b'],
    ],
    ['starts one even for a share of less', [fresh('a'), fresh('b')], { maxUnavailable: '10%' }, ['a']],
    ['starts none while paused', [fresh('a')], { paused: true }, []],
    [
      'starts none before the template is in place',
      [fresh('a')],
      { install: { revision: 'new', inPlace: false, handlers: [], nodeLabels: {} } },
      [],
    ],
    ['starts none of another architecture', [fresh('a', { arch: 's390x' })], {}, []],
    ['updates one outdated node at a time', [ready('a', 'old'), ready('b', 'old')], {}, ['a']],
    ['gives new nodes the runtime before it updates others', [ready('a', 'old'), fresh('b')], {}, ['b']],
    ['brings a node that failed at an older revision to the new one at once', [stopped('a', 0, 9, 'old')], {}, ['a']],
    [
      'does not disturb an outdated node whose step runs',
      [ready('a', 'old', { pods: [podOf('a', { revision: 'old', progress: { kind: 'Running', step: 'activate' } })] })],
      {},
      [],
    ],
    ['removes one node at a time', [deleted('a'), deleted('b')], { install: undefined }, ['a']],
    [
      'removes from a node that lost our labels',
      [view('a', { recorded: { revision: 'new' }, deleting: true })],
      { install: undefined },
      ['a'],
    ],
  ] satisfies [string, NodeView[], Partial<RolloutInput>, string[]][])('%s', (_, views, rest, expected) => {
    expect(opened(views, rest)).toEqual(expected);
  });

  it('takes the handler label off in the same write that opens the gate', () => {
    expect(plan([ready('a', 'old')]).labels).toEqual({ a: { [gate]: 'new' } });
    expect(plan([deleted('a')], { install: undefined }).labels).toEqual({ a: { [removeGate]: 'gone' } });
  });

  it('takes handler labels off every node of a deleted runtime, also of those that wait', () => {
    expect(plan([deleted('a'), deleted('b')], { install: undefined }).labels['b']).toEqual({ [gate]: 'new' });
  });

  it('puts handler labels on a node once it is verified', () => {
    const verified = view('a', { node: { labels: { [gate]: 'new' } }, pods: [podOf('a')] });
    expect(plan([verified]).labels).toEqual({ a: { [gate]: 'new', [handler]: 'ready' } });
  });

  it('leaves the handler labels of an outdated node that waits', () => {
    expect(plan([ready('a', 'old'), working('b')]).labels['a']).toEqual({ [gate]: 'old', [handler]: 'ready' });
  });

  it('takes the handler label off a node whose pod, made again, failed', () => {
    const failed = { ...stopped('a', 0), node: ready('a').node };
    expect(plan([failed]).labels).toEqual({ a: { [gate]: 'new' } });
  });

  it('deletes the outdated pod of an admitted node, and of no other', () => {
    const admitted = view('a', { node: { labels: { [gate]: 'new' } }, pods: [podOf('a', { revision: 'old' })] });
    expect(plan([admitted, ready('b', 'old')]).restart).toEqual(['pod-a']);
  });

  it('does not delete an outdated pod whose step runs', () => {
    const pods = [podOf('a', { revision: 'old', progress: { kind: 'Running', step: 'activate' } })];
    expect(plan([view('a', { node: { labels: { [gate]: 'new' } }, pods })]).restart).toEqual([]);
  });

  it('admits a node whose outdated pod was made again from the new template, and deletes nothing', () => {
    const pods = [podOf('a', { progress: { kind: 'Running', step: 'preflight' } })];
    const rebooted = ready('a', 'old', { pods });
    expect(plan([rebooted, fresh('b')])).toMatchObject({ labels: { a: { [gate]: 'new' }, b: {} }, restart: [] });
  });

  it('admits it even before a step runs and while another changes', () => {
    const pods = [podOf('a', { progress: { kind: 'Pending', step: 'preflight' } })];
    expect(plan([ready('a', 'old', { pods }), working('b')])).toMatchObject({
      labels: { a: { [gate]: 'new' } },
      restart: [],
    });
  });

  it('labels a node as the spec has it, for as long as it carries handlers', () => {
    const install = { revision: 'new', inPlace: true, handlers: [handlerTask('gvisor')], nodeLabels: { 'x/y': 'z' } };
    expect(plan([ready('a', 'new')], { install }).labels['a']).toMatchObject({ 'x/y': 'z', [handler]: 'ready' });
    expect(plan([fresh('a')], { install }).labels['a']).toEqual({ [gate]: 'new' });
  });

  it('labels a node with the handlers for its architecture alone', () => {
    const arm = { ...handlerTask('arm'), arches: ['arm64'] };
    const install = { revision: 'new', inPlace: true, handlers: [handlerTask('gvisor'), arm], nodeLabels: {} };
    const { labels } = plan([ready('a', 'new')], { install });
    expect(Object.keys(labels['a'] ?? {})).toEqual([gate, handler]);
  });

  it('leaves an outdated node the handlers that it has, not those that it will have', () => {
    const install = { revision: 'new', inPlace: true, handlers: [handlerTask('other')], nodeLabels: {} };
    expect(plan([ready('a', 'old'), working('b')], { install }).labels['a']).toEqual({
      [gate]: 'old',
      [handler]: 'ready',
    });
  });

  it.each([
    ['not before its time', 0.9, 1, [], 0.1],
    ['after a minute', 1, 1, ['pod-a'], 0],
    ['not after a minute the second time', 1, 2, [], 1],
    ['after half an hour the tenth time', 30, 10, ['pod-a'], 0],
  ])('tries a failed node again: %s', (_, minutesAgo, attempts, restart, wake) => {
    const result = plan([stopped('a', minutesAgo, attempts)]);
    expect(result.restart).toEqual(restart);
    expect(result.wakeInMinutes ?? 0).toBeCloseTo(wake);
  });

  it('does not try a failed node again while another changes', () => {
    expect(plan([stopped('a', 5), working('b')]).restart).toEqual([]);
  });

  it('takes the removal gate off only once the SandboxNode has forgotten the runtime', () => {
    const node = { labels: { [removeGate]: 'gone' } };
    const pods = [podOf('a', { job: 'remove', revision: 'gone' })];
    const known = view('a', { node, pods, recorded: { phase: 'Removing', revision: 'gone' }, deleting: true });
    const forgotten = view('a', { node, pods, deleting: true });
    expect(plan([known], { install: undefined }).labels).toEqual({ a: { [removeGate]: 'gone' } });
    expect(plan([forgotten], { install: undefined }).labels).toEqual({ a: {} });
  });

  it('changes nothing while the spec is invalid', () => {
    expect(plan([ready('a', 'old')], { install: undefined }).labels).toEqual({
      a: { [gate]: 'old', [handler]: 'ready' },
    });
  });
});

describe('looks at nodes that have the runtime', () => {
  const verifyGate = 'verify.bulkhead.dev/gvisor';
  const verify = { revision: 'new', inPlace: true, checkIntervalSeconds: 3600, repair: true };
  const minutesAgo = (minutes: number) => new Date(Date.parse(now) - minutes * 60_000).toISOString();
  const installed = (name: string, since: number, rest: Partial<NodeRuntime> = {}) =>
    view(name, {
      node: {
        labels: { [gate]: 'new', [handler]: 'ready' },
        applied: { 'bulkhead-operator-runtime-gvisor': [gate, handler] },
      },
      pods: [podOf(name)],
      recorded: { revision: 'new', lastTransitionTime: minutesAgo(since), ...rest },
    });
  const looked = (ago: number, drift?: string[], leftovers?: string[]) => ({
    check: { pod: 'p', time: minutesAgo(ago), ...(drift && { drift }), ...(leftovers && { leftovers }) },
  });

  it.each<[string, NodeView, boolean]>([
    ['an hour after the install', installed('a', 61), true],
    ['not before', installed('a', 59), false],
    ['an hour after the last look', installed('a', 200, looked(61)), true],
    ['not before', installed('a', 200, looked(59)), false],
    ['not while it has failed', installed('a', 61, { phase: 'Failed' }), false],
  ])('are due %s', (_, node, open) => {
    expect(verifyGate in (plan([node], { verify }).labels['a'] ?? {})).toBe(open);
  });

  it('wake up for the next one, and never without an interval', () => {
    expect(plan([installed('a', 20), installed('b', 50)], { verify }).wakeInMinutes).toBe(10);
    const never = { ...verify, checkIntervalSeconds: 0 };
    expect(plan([installed('a', 200)], { verify: never })).toMatchObject({ wakeInMinutes: undefined });
  });

  it('have a drifted node installed again in its turn, without its handlers meanwhile', () => {
    const both = [installed('a', 200, looked(5, ['x is missing'])), installed('b', 200, looked(5, ['y is missing']))];
    expect(plan(both, { verify })).toMatchObject({ restart: ['pod-a'] });
    expect(plan(both, { verify }).labels).toEqual({ a: { [gate]: 'new' }, b: { [gate]: 'new', [handler]: 'ready' } });
    expect(plan(both, { verify, paused: true }).restart).toEqual([]);
    expect(plan(both, { verify: { ...verify, repair: false } }).restart).toEqual([]);
  });

  it('have a node installed again that still has an earlier version which nothing runs from', () => {
    const node = installed('a', 200, looked(5, undefined, ['/opt/bulkhead/gvisor/old']));
    expect(plan([node], { verify })).toMatchObject({ restart: ['pod-a'] });
    expect(plan([installed('a', 200, looked(5))], { verify })).toMatchObject({ restart: [] });
  });
});
