// Unpacks images into a containerd store that becomes part of the node image, with the nodes' own containerd run here.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startDetached, stopProcess } from '../docker/processes.ts';
import { run, tryRun } from '../run.ts';

export interface Preload {
  /** Folder with containerd and ctr. */
  readonly programs: string;
  readonly imagesTar: string;
  /** The folder that becomes /var/lib/containerd. */
  readonly store: string;
  /** A folder for sockets and logs. */
  readonly scratch: string;
  readonly logFile: string;
}

export const preload = async ({ programs, imagesTar, store, scratch, logFile }: Preload): Promise<void> => {
  await mkdir(store, { recursive: true });
  const config = join(scratch, 'containerd.toml');
  const socket = join(scratch, 'c.sock');
  await writeFile(config, storeConfig(store, scratch, socket));
  const containerd = await startDetached([join(programs, 'containerd'), '-c', config], `${logFile}.containerd`);
  const ctr = (...args: readonly string[]): string[] => [join(programs, 'ctr'), '-a', socket, '-n', 'k8s.io', ...args];
  try {
    await waitFor(ctr('version'));
    // The blobs are of no use on the nodes once they are unpacked; only a local import can leave them out.
    await run(
      ctr('images', 'import', '--local', '--discard-unpacked-layers', '--snapshotter', 'overlayfs', imagesTar),
      {
        logFile,
      },
    );
    const names = (await run(ctr('images', 'ls', '-q'))).trim().split('\n');
    // The label by which the CRI plugin knows its images.
    for (const name of names) await run(ctr('images', 'label', name, 'io.cri-containerd.image=managed'), { logFile });
  } finally {
    await stopProcess(containerd);
  }
};

const unused = [
  ...[
    'io.containerd.grpc.v1.cri',
    'io.containerd.cri.v1.images',
    'io.containerd.cri.v1.runtime',
    'io.containerd.nri.v1.nri',
  ],
  ...['io.containerd.internal.v1.opt', 'io.containerd.snapshotter.v1.erofs', 'io.containerd.snapshotter.v1.blockfile'],
];

const storeConfig = (store: string, scratch: string, socket: string): string => `version = 3
root = "${store}"
state = "${join(scratch, 'state')}"
disabled_plugins = ${JSON.stringify(unused)}
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
`;

const waitFor = async (command: readonly string[]): Promise<void> => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if ((await tryRun(command)).code === 0) return;
    await sleep(200);
  }
  await run(command);
};
