// Finds handlers of a task that somebody else already defines on the node.
import { hostPaths } from '../../crds/names.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { type ConfigTree, filesOf, type Toml } from '../engine/containerd/config-tree.ts';
import { handlersOf } from '../engine/containerd/drop-in.ts';
import { handlersInDump } from '../engine/containerd/judge-config.ts';
import { refuse, type Refusal } from './step.ts';

export function dropInPath(runtime: string): string {
  return `${hostPaths.containerdDropIns}/${runtime}.toml`;
}

/** The first handler that is not ours to define. Names are compared whole, so `kata` is no conflict with `kata-qemu`. */
export function handlerConflict(
  tree: ConfigTree,
  dump: Toml,
  task: NodeTask,
  outcome: 'ineligible' | 'failed',
): Refusal | undefined {
  const files = filesOf(tree).map(({ path, table }) => ({ path, handlers: new Set(handlersOf(table)) }));
  const ours = files.find(({ path }) => path === dropInPath(task.runtime))?.handlers ?? new Set<string>();
  const merged = new Set(handlersInDump(dump));
  for (const { name } of task.handlers) {
    const other = files.find(({ path, handlers }) => handlers.has(name) && path !== dropInPath(task.runtime));
    if (!other && (ours.has(name) || !merged.has(name))) continue;
    const message = `Cannot add the handler ${name}: ${other?.path ?? 'the config of containerd'} already defines one of that name.`;
    return refuse(
      outcome,
      'HandlerConflict',
      message,
      'Give the handler another name in spec.handlers, or take the other one away.',
    );
  }
  return undefined;
}
