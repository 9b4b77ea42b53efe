// Finds the processes that live from a folder of payloads: sandboxes, known by the host's processes and not by the API.
import type { HostProcess } from '../host/host.ts';

/**
 * Those that run from the folder, and those that were told of a file in it, such as a guest's image.
 * A program that replaced its own name is still known by its file, and the other way round; one that has done both,
 * as crun does, by its libraries.
 */
export function processesUsing(processes: readonly HostProcess[], folder: string): HostProcess[] {
  return processes.filter(({ exe = '', argv, mapped = [] }) =>
    [exe, ...argv, ...mapped].some((text) => text.includes(`${folder}/`)),
  );
}
