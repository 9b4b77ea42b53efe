// What a removal needs to know, even when the spec no longer means anything.
import type { NodeTask } from '../../crds/node-task.ts';
import type { ObservedRuntime } from '../plan/observe-runtime.ts';
import type { InvalidSpec } from '../plan/invalid-spec.ts';
import type { Wanted } from '../plan/resolve.ts';
import { type Hash, revisionOf } from '../plan/revision.ts';

/** *Guarantees*: the revision depends on nothing that can change under a removal but its force and the installer. */
export function removeTask(
  runtime: ObservedRuntime,
  resolved: Wanted | InvalidSpec,
  installerImage: string,
  hash: Hash,
): NodeTask {
  const spec = runtime.parsed.kind === 'Spec' ? runtime.parsed.spec : undefined;
  const force = spec?.removal.policy === 'Force';
  const revision = revisionOf({ runtime: runtime.name, force, installerImage }, hash);
  if (resolved.kind === 'Wanted') return { ...resolved.task, force, revision };
  const handlers = spec?.handlers?.map(({ name }) => name) ?? [runtime.name];
  return {
    runtime: runtime.name,
    family: spec?.family ?? 'unknown',
    version: spec?.version ?? 'unknown',
    revision,
    handlers: handlers.map((name) => ({ name, runtimeType: 'none', options: {}, podAnnotations: [], requires: [] })),
    sources: [],
    takes: 'Needed',
    generatedFiles: [],
    needs: { virtualization: 'Ignored' },
    force,
  };
}
