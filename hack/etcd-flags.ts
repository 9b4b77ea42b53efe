// How etcd is started by us: one member, on loopback, without waiting for the disk. Pure.

export interface EtcdPlace {
  readonly dataFolder: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

export const etcdUrl = (port: number): string => `http://127.0.0.1:${port}`;

export const etcdFlags = ({ dataFolder, clientPort, peerPort }: EtcdPlace): Readonly<Record<string, string>> => {
  const [client, peer] = [etcdUrl(clientPort), etcdUrl(peerPort)];
  return {
    'data-dir': dataFolder,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    // A single member elects itself after this many milliseconds.
    'election-timeout': '100',
    'heartbeat-interval': '10',
    'log-level': 'warn',
    // No cluster of ours outlives the machine.
    'unsafe-no-fsync': 'true',
  };
};
