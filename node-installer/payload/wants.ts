// What a task needs of its payload's files. Pure.
import type { NodeTask } from '../../crds/node-task.ts';
import type { Wants } from './payload-tree.ts';

export function wantsOf({ handlers, takes }: NodeTask): Wants {
  const files = handlers.flatMap(({ requires, runtimePath }) => [...requires, ...(runtimePath ? [runtimePath] : [])]);
  return { files: [...new Set(files)], optional: [], everything: takes === 'Everything' };
}
