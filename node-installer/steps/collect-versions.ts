// Takes earlier versions of a payload off the host once no sandbox lives from them. The engine must be done with them before.
import type { Host, HostProcess } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { processesUsing } from './processes-using.ts';

type OldVersion = { readonly folder: string; readonly users: readonly HostProcess[] };

/** Every folder of the runtime but the one to keep, also what an unfinished staging left, with who still lives from it. */
async function oldVersions(host: Host, runtime: string, keep: string): Promise<OldVersion[]> {
  const names = await host.list(runtimeFolder(runtime));
  const folders = names.map((name) => `${runtimeFolder(runtime)}/${name}`).filter((folder) => folder !== keep);
  if (folders.length === 0) return [];
  const processes = await host.processes();
  return folders.map((folder) => ({ folder, users: processesUsing(processes, folder) }));
}

/** Folders of earlier versions, and of unfinished stagings, that no process lives from. */
export async function unusedVersions(host: Host, runtime: string, keep: string): Promise<string[]> {
  const versions = await oldVersions(host, runtime, keep);
  return versions.filter(({ users }) => users.length === 0).map(({ folder }) => folder);
}

/** *Guarantees*: true when something was removed; a folder with a process stays whole. */
export async function collectVersions(host: Host, runtime: string, keep: string): Promise<boolean> {
  const unused = await unusedVersions(host, runtime, keep);
  for (const folder of unused) await host.removeTree(folder);
  return unused.length > 0;
}
