// Gives handlers of containerd's runc shim the node's own cgroup driver: with the other one, their containers would lie
// outside of their pod's cgroup, and its limits would not hold.
import type { HandlerTask } from '../../../crds/node-task.ts';
import { tableAt, type Toml } from '../toml.ts';
import { runtimesPath } from './plugin-id.ts';

const runcShim = 'io.containerd.runc.v2';

/** A handler that names a driver keeps it. @param dump the merged config of the node */
export function followCgroupDriver(handlers: readonly HandlerTask[], dump: Toml): HandlerTask[] {
  const SystemdCgroup = usesSystemd(dump);
  return handlers.map((handler) =>
    handler.runtimeType === runcShim && handler.options['SystemdCgroup'] === undefined
      ? { ...handler, options: { ...handler.options, SystemdCgroup } }
      : handler,
  );
}

/** What the runtime of ordinary pods has. *Source*: containerd's runc options, where false is the default. */
function usesSystemd(dump: Toml): boolean {
  const runtimes = runtimesPath(dump);
  const containerd = tableAt(dump, ...runtimes.slice(0, -1));
  const named = containerd['default_runtime_name'];
  const ordinary = typeof named === 'string' && named !== '' ? named : 'runc';
  return tableAt(dump, ...runtimes, ordinary, 'options')['SystemdCgroup'] === true;
}
