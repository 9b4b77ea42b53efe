// The text of our drop-in for containerd 2.x.
// Source: tried on 2.0 to 2.4. A drop-in without `version` is taken as of the root's, whatever that is; with one, it is refused
// above the root's (2.3), loses handlers below it (2.0 to 2.2), or revives settings of a root without `version` that are ignored.
import type { HandlerTask } from '../../../crds/node-task.ts';
import { handlerTables } from './handler-tables.ts';

/** The handlers of one SandboxRuntime; `folder` is where its payload is on the host. */
export function dropInText(
  runtime: string,
  handlers: readonly HandlerTask[],
  folder: string,
  pluginId: string,
): string {
  const header = `# Written by Bulkhead for the SandboxRuntime ${runtime}, and removed with it. Changes here are overwritten.\n`;
  return header + handlerTables(handlers, folder, pluginId);
}
