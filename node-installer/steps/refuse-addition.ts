// Says why a task's handlers cannot join a sound config: what stands in the way, or who else defines one of that name.
import type { NodeTask } from '../../crds/node-task.ts';
import type { EngineConfig } from '../engine/engine.ts';
import { refuse, type Refusal } from './step.ts';

/** Names are compared whole, so `kata` is no conflict with `kata-qemu`. */
export function refuseAddition(
  { obstacle, unfit, definedBy }: EngineConfig,
  task: NodeTask,
  outcome: 'ineligible' | 'failed',
): Refusal | undefined {
  for (const reason of [obstacle, ...task.handlers.map((handler) => unfit?.(handler))]) {
    if (reason) return refuse(outcome, reason.reason, reason.message, reason.hint);
  }
  for (const { name } of task.handlers) {
    const other = definedBy(name);
    if (other === undefined) continue;
    const message = `Cannot add the handler ${name}: ${other} already defines one of that name.`;
    const hint = 'Give the handler another name in spec.handlers, or take the other one away.';
    return refuse(outcome, 'HandlerConflict', message, hint);
  }
  return undefined;
}
