// Whether any of some paths is there on a host.
import type { Host } from '../host/host.ts';

export async function isAnyThere(host: Host, paths: readonly string[]): Promise<boolean> {
  return (await Promise.all(paths.map((path) => host.stat(path)))).some((stat) => stat !== undefined);
}
