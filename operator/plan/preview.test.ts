import { describe, expect, it } from 'vitest';
import type { NodePlan } from '../../crds/node-plan.ts';
import type { PodProgress } from './pod-progress.ts';
import { countPreviews, previewFields, previewOf, previewText } from './preview.ts';
import { podOf, reportOf } from './testing.ts';

const plan: NodePlan = {
  modules: ['tun'],
  changes: [{ path: '/etc/c.toml', change: 'Create' }],
  unused: [],
  sandboxes: { count: 7, first: ['runsc (PID 5)', 'runsc (PID 6)'] },
  details: '+a\n',
};
const full = reportOf('plan', 'ineligible', { reason: 'NoDiskSpace', message: 'Too full.', hint: 'Clean up.' });
const preview = (progress: PodProgress, rest = {}) =>
  previewOf('gvisor', 'new', [podOf('a', { job: 'plan', progress, ...rest }), podOf('a')]);
const planned = preview({ kind: 'Succeeded', reports: [reportOf('plan', 'unchanged', { plan })] });
const refused = preview({ kind: 'Stopped', report: full, reports: [full] });

describe('previewOf()', () => {
  it('is planning until the pod of the revision has planned', () => {
    expect(previewFields(previewOf('gvisor', 'new', [podOf('a')]))).toEqual({ phase: 'Waiting' });
    expect(previewFields(preview({ kind: 'Running', step: 'plan' }))).toEqual({ phase: 'Preflight' });
    const older = preview(
      { kind: 'Succeeded', reports: [reportOf('plan', 'unchanged', { plan })] },
      { revision: 'old' },
    );
    expect(older).toMatchObject({ kind: 'Planning', outdated: { revision: 'old' } });
  });

  it.each<[string, PodProgress, object]>([
    [
      'an image that cannot be pulled',
      { kind: 'Pending', step: 'plan', trouble: { reason: 'ErrImagePull', message: 'no such image' } },
      { phase: 'Preflight', reason: 'ErrImagePull', message: 'no such image' },
    ],
    [
      'a crash',
      { kind: 'Crashed', step: 'plan', message: 'It ended with 1.' },
      { phase: 'Preflight', reason: 'StepCrashed', message: 'It ended with 1.' },
    ],
    [
      'a report without a plan',
      { kind: 'Succeeded', reports: [reportOf('plan', 'unchanged')] },
      { phase: 'Preflight', reason: 'ReportUnreadable' },
    ],
  ])('says what keeps it from planning: %s', (_, progress, fields) => {
    expect(previewFields(preview(progress))).toMatchObject(fields);
  });

  it('says what would change, or why it cannot', () => {
    const text = 'Would load tun into the kernel.\nWould create /etc/c.toml.\nThe engine would not be restarted.';
    expect(previewFields(planned)).toEqual({
      phase: 'Planned',
      message: 'Would load 1 kernel module and write 1 file.',
      plan: `${text}\n7 processes of sandboxes would go on: runsc (PID 5), runsc (PID 6) and others.\n\n+a`,
    });
    expect(previewFields(refused)).toEqual({
      phase: 'Ineligible',
      step: 'plan',
      reason: 'NoDiskSpace',
      message: 'Too full.',
      hint: 'Clean up.',
    });
    expect(previewText(refused)).toBe('Cannot be done. Too full. Clean up.');
  });
});

describe('countPreviews()', () => {
  it('counts nodes by what would happen to them', () => {
    const same = preview({
      kind: 'Succeeded',
      reports: [reportOf('plan', 'unchanged', { plan: { ...plan, modules: [], changes: [] } })],
    });
    const waiting = preview({ kind: 'Running', step: 'plan' });
    expect(countPreviews([planned, refused, same, waiting])).toEqual({
      planned: 2,
      changing: 1,
      restarting: 0,
      refused: 1,
      pending: 1,
    });
  });
});
