// Which binary to ask about the config of a running containerd.
import { basename, dirname } from 'node:path/posix';
import type { Host, HostProcess } from '../host/host.ts';

/**
 * The running process's own; `undefined` when we may not know it.
 * *Source*: K3s is one program under many names, and containerd is what it does when it is called so.
 */
export async function engineProgram(host: Host, { exe }: HostProcess): Promise<string | undefined> {
  if (exe === undefined || basename(exe) === 'containerd') return exe;
  const beside = `${dirname(exe)}/containerd`;
  return (await host.stat(beside)) ? beside : exe;
}
