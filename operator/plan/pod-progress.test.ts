import { describe, expect, it } from 'vitest';
import type { NodeReport } from '../../crds/node-report.ts';
import { progressOf } from './pod-progress.ts';

const steps = ['preflight', 'stage'];
const report = (step: NodeReport['step'], outcome: NodeReport['outcome']): NodeReport => ({
  step,
  outcome,
  durationMs: 1,
  engineRestarts: 0,
});
const ended = (step: NodeReport['step'], outcome: NodeReport['outcome']) =>
  ({ name: step, state: { terminated: { exitCode: 0, message: JSON.stringify(report(step, outcome)) } } }) as never;
const crashed = { name: 'stage', lastState: { terminated: { exitCode: 1, message: 'boom' } } };
const lost = (rest: { reason: string; message?: string }) => ({
  name: 'stage',
  state: { terminated: { exitCode: 255, ...rest } },
});

describe('progressOf()', () => {
  it.each([
    ['a pod that kubelet has not seen yet', [], { kind: 'Pending', step: 'preflight' }],
    ['a step that runs', [{ name: 'preflight', state: { running: {} } }], { kind: 'Running', step: 'preflight' }],
    ['the pause between two steps', [ended('preflight', 'done')], { kind: 'Pending', step: 'stage' }],
    [
      'an image that cannot be pulled',
      [
        ended('preflight', 'done'),
        { name: 'stage', state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } },
      ],
      { kind: 'Pending', step: 'stage', trouble: { reason: 'ErrImagePull', message: 'not found' } },
    ],
    ['all steps done', [ended('preflight', 'done'), ended('stage', 'unchanged')], { kind: 'Succeeded' }],
    [
      'a step that refused, once the later ones have skipped',
      [ended('preflight', 'ineligible'), ended('stage', 'skipped')],
      { kind: 'Stopped', report: { step: 'preflight', outcome: 'ineligible' } },
    ],
    [
      'a step that refused, while the image of a later one cannot be pulled',
      [ended('preflight', 'ineligible'), { name: 'stage', state: { waiting: { reason: 'ErrImagePull' } } }],
      { kind: 'Stopped', report: { step: 'preflight', outcome: 'ineligible' } },
    ],
    [
      'a step that refused, while a later one still runs',
      [ended('preflight', 'ineligible'), { name: 'stage', state: { running: {} } }],
      { kind: 'Running', step: 'stage' },
    ],
    [
      'a container that crashed and waits for its restart',
      [ended('preflight', 'done'), { ...crashed, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      { kind: 'Crashed', step: 'stage', message: 'The container stage ended with exit code 1: boom' },
    ],
    [
      'a container that crashed and runs again',
      [ended('preflight', 'done'), { ...crashed, state: { running: {} } }],
      { kind: 'Running', step: 'stage' },
    ],
    [
      'a step that was cut off with its node, before it said anything',
      [ended('preflight', 'done'), lost({ reason: 'Unknown' })],
      {
        kind: 'Pending',
        step: 'stage',
        trouble: {
          reason: 'StepInterrupted',
          message: 'The container stage was cut off: the node or its engine went down while it ran. It is run again.',
        },
      },
    ],
    [
      'a program that ended so by itself',
      [ended('preflight', 'done'), lost({ reason: 'Error' })],
      { kind: 'Crashed', step: 'stage', message: 'The container stage ended with exit code 255: Error' },
    ],
    [
      'a report of another version',
      [{ name: 'preflight', state: { terminated: { exitCode: 0, message: '{"v":9}' } } }, ended('stage', 'done')],
      { kind: 'Stopped', report: { step: 'preflight', outcome: 'failed', reason: 'ReportUnreadable' } },
    ],
  ])('reads %s', (_, statuses, expected) => {
    expect(progressOf(steps, statuses as never)).toMatchObject(expected);
  });

  it('finds no trouble in a step whose end the engine missed after it had said all', () => {
    const said = lost({ reason: 'Unknown', message: JSON.stringify(report('stage', 'done')) });
    expect(progressOf(steps, [ended('preflight', 'done'), said] as never)).toEqual({ kind: 'Pending', step: 'stage' });
  });
});
