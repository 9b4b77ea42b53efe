// Tells whether the running engine has read the config that is on disk now.
import { createHash } from 'node:crypto';
import { hostPaths } from '../../crds/names.ts';
import type { LoadedFile } from '../engine/engine.ts';
import type { Host, HostProcess } from '../host/host.ts';

const loadedPath = `${hostPaths.state}/loaded.json`;

/**
 * True when we restarted this very process on these very bytes, or when it started after their last change.
 * The second alone would do but for clocks that are set and changes of a file's inode that change no byte.
 */
export async function isLoaded(host: Host, process: HostProcess, files: readonly LoadedFile[]): Promise<boolean> {
  const recorded = new TextDecoder().decode(await host.read(loadedPath));
  if (recorded === recordOf(process, files)) return true;
  const stats = await Promise.all(files.map(({ path }) => host.stat(path)));
  return stats.every((stat) => stat !== undefined && stat.changedMs < process.startedMs);
}

export async function recordLoaded(host: Host, process: HostProcess, files: readonly LoadedFile[]): Promise<void> {
  await host.makeFolder(hostPaths.state, 0o700);
  await host.replace(loadedPath, new TextEncoder().encode(recordOf(process, files)), 0o600);
}

export async function forgetLoaded(host: Host): Promise<void> {
  await host.removeFile(loadedPath);
}

function recordOf({ identity }: HostProcess, files: readonly LoadedFile[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of files) hash.update(`${path}\0${text}\0`);
  return `${JSON.stringify({ engine: identity, config: hash.digest('hex') })}\n`;
}
