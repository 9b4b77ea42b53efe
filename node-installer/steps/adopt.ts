// Judges a node that cannot be written to: it is adopted as it is when its engine has the handlers already. Nothing is written.
import { hostPaths } from '../../crds/names.ts';
import type { NodeNeeds } from '../../crds/node-needs.ts';
import type { HandlerTask, NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import { driverOf } from './drivers/driver-of.ts';
import { isAnyThere } from './is-any-there.ts';
import { neededModules } from './kernel-needs.ts';
import type { ObservedEngine } from './observe-engine.ts';
import type { ObservedNode } from './observe-node.ts';
import { readOnlyPath } from './read-only-path.ts';
import { refuse, type Refusal, type StepResult } from './step.ts';

/** Why a node cannot be written to. */
export type Unwritable = { readonly reason: string; readonly message: string };

export async function whyUnwritable(
  host: Host,
  { engine, distribution, facts, supplies }: ObservedNode,
  needs: NodeNeeds,
): Promise<Unwritable | undefined> {
  if (distribution.unwritableBecause !== undefined) {
    const message = `Cannot change the container engine of ${distribution.name}: ${distribution.unwritableBecause}`;
    return { reason: 'UnsupportedDistribution', message };
  }
  const folders = (engine && driverOf(engine.kind)?.folders(engine)) ?? [];
  const kernelModules = neededModules(needs, facts.virtualization);
  const isToKeep = kernelModules.some((name) => ['Loaded', 'Loadable'].includes(supplies.modules.get(name) ?? ''));
  const modules = isToKeep ? [hostPaths.modulesLoad] : [];
  const path = await readOnlyPath(host, [hostPaths.prefix, hostPaths.state, hostPaths.units, ...modules, ...folders]);
  if (path === undefined) return undefined;
  return { reason: 'ReadOnlyHost', message: `Cannot write to ${path}: it is on a read-only file system` };
}

/**
 * `unchanged` and `adopted` when the engine lists every handler and its config, where it can be read, means the same by them.
 * Handlers that we put there ourselves do not count: they may be those of another revision.
 */
export async function adopt(
  host: Host,
  engine: ObservedEngine,
  task: NodeTask,
  unwritable: Unwritable,
): Promise<StepResult> {
  const listed = engine.answer.kind === 'Answered' ? engine.answer.handlers : [];
  const missing = task.handlers.filter(({ name }) => !listed.includes(name));
  if (missing.length > 0) return refuseMissing(engine, missing, unwritable);
  if (await isAnyThere(host, driverOf(engine.kind)?.traces(task.runtime) ?? [])) {
    const message = `${unwritable.message}, and the handlers there are from an earlier install.`;
    return refuse('ineligible', unwritable.reason, message, 'Make the file system writable again.');
  }
  const different = await refuseDifferent(host, engine, task);
  if (different) return different;
  const message = `The node cannot be written to and has the handlers already (${names(task.handlers)}): it is taken as it is.`;
  return { outcome: 'unchanged', adopted: true, message };
}

function refuseMissing(
  { kind, process }: ObservedEngine,
  missing: readonly HandlerTask[],
  { reason, message }: Unwritable,
): Refusal {
  const types = missing.map(({ name, runtimeType }) => `${name} (runtime_type ${runtimeType})`).join(', ');
  const files = [...new Set(missing.flatMap(({ requires }) => requires))];
  const withFiles = files.length === 0 ? '' : `, and bring ${files.join(', ')}`;
  return refuse(
    'ineligible',
    reason,
    `${message}, and ${kind} does not list ${names(missing)}.`,
    `The node's image must configure ${types} for ${process.exe ?? kind}${withFiles}; or keep the node out by spec.nodes.selector.`,
  );
}

async function refuseDifferent(host: Host, engine: ObservedEngine, task: NodeTask): Promise<Refusal | undefined> {
  const opened = await driverOf(engine.kind)?.open(host, engine, task.runtime, 'ineligible');
  if (!opened) return undefined;
  if (opened.kind === 'Unsound') return opened.refusal;
  for (const { name, runtimeType } of task.handlers) {
    const type = opened.config.typeOf(name);
    if (type === undefined || type === runtimeType) continue;
    const message = `Cannot take over the handler ${name}: it is of type ${type} in the config of ${engine.kind}, not ${runtimeType}.`;
    return refuse('ineligible', 'HandlerConflict', message, 'Give the handler another name in spec.handlers.');
  }
  return undefined;
}

function names(handlers: readonly HandlerTask[]): string {
  return handlers.map(({ name }) => name).join(', ');
}
