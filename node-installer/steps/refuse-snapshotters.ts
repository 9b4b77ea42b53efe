// The refusal for a handler whose snapshotter the node's containerd does not have, or could not load.
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { refuse, type Refusal } from './step.ts';

/** A handler with a snapshotter that does not work is listed like any other, and its pods fail one by one. */
export async function refuseSnapshotters(
  host: Host,
  { kind, socket }: ObservedEngine,
  { handlers }: NodeTask,
): Promise<Refusal | undefined> {
  const users = handlers.flatMap(({ name, snapshotter }) => (snapshotter === undefined ? [] : [{ name, snapshotter }]));
  if (users.length === 0 || kind !== 'containerd') return undefined;
  const snapshotters = await host.askSnapshotters(socket);
  if (!snapshotters) return undefined;
  for (const { name, snapshotter } of users) {
    const found = snapshotters.find((each) => each.name === snapshotter);
    if (found && found.fault === undefined) continue;
    const why = found ? `containerd could not load it (${found.fault ?? ''})` : 'containerd has none of that name';
    return refuse(
      'ineligible',
      'SnapshotterNotUsable',
      `Cannot use the snapshotter ${snapshotter} for ${name}: ${why}.`,
      `Configure it in containerd's config, name another one in spec.handlers, or leave ${name} out.`,
    );
  }
  return undefined;
}
