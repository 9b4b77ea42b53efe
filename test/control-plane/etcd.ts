// How etcd is started for tests: one member, on loopback, without waiting for the disk.
import { join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';

/** @param folder holds the data and the log */
export async function startEtcd(folder: string, clientPort: number, peerPort: number): Promise<Daemon> {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const flags = {
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    // A single member elects itself after this many milliseconds.
    'election-timeout': '100',
    'heartbeat-interval': '10',
    'log-level': 'warn',
    // The data of a test need not survive a power cut.
    'unsafe-no-fsync': 'true',
  };
  return startDaemon({
    program: join(await ensure('etcd', progress('build')), 'etcd'),
    args: Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    log: join(folder, 'etcd.log'),
    isReady: async () => (await fetch(`${client}/health`)).ok,
    timeoutMs: 60_000,
  });
}
