// The three changes that a node can go through with the tiny runtime, for tests that interrupt them.
import type { NodeStep } from '../../crds/node-report.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { install } from './run-steps.ts';
import { tinyTask } from './tiny-payload.ts';

/** `before` is what was installed, and `steps` is what is interrupted. */
export type Change = {
  readonly before: readonly NodeTask[];
  readonly task: NodeTask;
  readonly steps: readonly NodeStep[];
};

const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });

export const changes = {
  'an install': { before: [], task: tinyTask(), steps: install },
  'an update': { before: [tinyTask()], task: update, steps: install },
  'a removal': { before: [tinyTask()], task: tinyTask(), steps: ['remove'] },
} as const satisfies Record<string, Change>;
