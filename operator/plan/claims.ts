// Two SandboxRuntimes cannot have the same handler or RuntimeClass, and nobody may take a class that others made.
import { runtimeLabel } from '../../crds/names.ts';
import type { ObservedRuntime } from './observe-runtime.ts';
import type { InvalidSpec } from './invalid-spec.ts';
import type { Wanted } from './resolve.ts';

export type Claimant = { readonly runtime: ObservedRuntime; readonly wanted: Wanted };

/** A RuntimeClass in the cluster, whoever made it. */
export type ExistingClass = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

/** The first name that the runtime wants and another has; the older SandboxRuntime keeps it. */
export function conflictOf(
  claimant: Claimant,
  others: readonly Claimant[],
  existing: readonly ExistingClass[],
): InvalidSpec | undefined {
  for (const other of others.filter((each) => isOlder(each.runtime, claimant.runtime))) {
    const handler = shared(handlersOf(claimant.wanted), handlersOf(other.wanted));
    if (handler) return taken('Handler', handler, `the SandboxRuntime ${other.runtime.name}`);
    const name = shared(classesOf(claimant.wanted), classesOf(other.wanted));
    if (name) return taken('RuntimeClass', name, `the SandboxRuntime ${other.runtime.name}`);
  }
  const foreign = existing.filter(({ labels }) => labels[runtimeLabel] === undefined).map(({ name }) => name);
  const name = shared(classesOf(claimant.wanted), foreign);
  return name ? taken('RuntimeClass', name, 'someone else') : undefined;
}

function isOlder(a: ObservedRuntime, b: ObservedRuntime): boolean {
  if (a.uid === b.uid) return false;
  return a.createdAt === b.createdAt ? a.name < b.name : a.createdAt < b.createdAt;
}

function shared(ours: readonly string[], theirs: readonly string[]): string | undefined {
  return ours.find((name) => theirs.includes(name));
}

function handlersOf({ task }: Wanted): string[] {
  return task.handlers.map(({ name }) => name);
}

function classesOf({ classes }: Wanted): string[] {
  return classes.map(({ name }) => name);
}

function taken(what: 'Handler' | 'RuntimeClass', name: string, owner: string): InvalidSpec {
  const way = what === 'Handler' ? 'spec.handlers[].name' : 'spec.handlers[].runtimeClass';
  return {
    kind: 'InvalidSpec',
    reason: `${what}Taken`,
    message: `The ${what} ${name} belongs to ${owner}.`,
    hint: `Choose another name in ${way}, or delete the other one.`,
  };
}
