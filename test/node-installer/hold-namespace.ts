// A mount namespace in which /etc, /opt, /run and /var/lib are folders of the test; it lives as long as the process that holds it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const ownFolders = ['etc', 'opt', 'run', 'var/lib'];

/** With `diskBytes`, all of the folders but /run are on a file system of that size. */
export async function holdNamespace(folder: string, diskBytes?: number): Promise<ChildProcess & { pid: number }> {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const places = ownFolders.map((own) => ({ own, at: join(own === 'run' ? folder : disk, own) }));
  const script = [
    ...(diskBytes === undefined ? [] : [`mount -t tmpfs -o size=${diskBytes} none ${disk}`]),
    ...places.flatMap(({ own, at }) => [`mkdir -p ${at}`, `mount --bind ${at} /${own}`]),
    'echo ready',
    'exec sleep infinity',
  ].join(' && ');
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.pid === undefined || child.exitCode !== null)
    throw new Error(`Cannot make a mount namespace: ${String(said)}.`);
  return child as unknown as ChildProcess & { pid: number };
}
