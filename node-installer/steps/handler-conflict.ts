// Finds handlers of a task that somebody else already defines on the node.
import type { NodeTask } from '../../crds/node-task.ts';
import type { EngineConfig } from '../engine/engine.ts';
import { refuse, type Refusal } from './step.ts';

/** The first handler that is not ours to define. Names are compared whole, so `kata` is no conflict with `kata-qemu`. */
export function handlerConflict(
  { definedBy }: EngineConfig,
  task: NodeTask,
  outcome: 'ineligible' | 'failed',
): Refusal | undefined {
  for (const { name } of task.handlers) {
    const other = definedBy(name);
    if (other === undefined) continue;
    const message = `Cannot add the handler ${name}: ${other} already defines one of that name.`;
    const hint = 'Give the handler another name in spec.handlers, or take the other one away.';
    return refuse(outcome, 'HandlerConflict', message, hint);
  }
  return undefined;
}
