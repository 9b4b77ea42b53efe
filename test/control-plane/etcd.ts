// Starts etcd for tests and waits until it serves.
import { join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { etcdFlags, etcdUrl } from '../../hack/etcd-flags.ts';
import { progress } from '../../hack/progress.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';

/** @param folder holds the data and the log */
export async function startEtcd(folder: string, clientPort: number, peerPort: number): Promise<Daemon> {
  const flags = etcdFlags({ dataFolder: join(folder, 'etcd'), clientPort, peerPort });
  return startDaemon({
    program: join(await ensure('etcd', progress('build')), 'etcd'),
    args: Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    log: join(folder, 'etcd.log'),
    isReady: async () => (await fetch(`${etcdUrl(clientPort)}/health`)).ok,
    timeoutMs: 60_000,
  });
}
