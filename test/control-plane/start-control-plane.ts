// A real API server with its store, as processes on loopback, for tests that need no nodes. No controller runs beside it.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../hack/free-ports.ts';
import { type ApiServerSpec, authorityFile, prepareApiServer, startApiServer } from './api-server.ts';
import { startEtcd } from './etcd.ts';

export interface ControlPlane {
  readonly url: string;
  /** Path of a kubeconfig whose user may do everything. */
  readonly kubeconfig: string;
  /** Writes a kubeconfig for somebody else's token, such as a ServiceAccount's, and gives its path. */
  kubeconfigFor(token: string): string;
  /** Same port, same data, same certificate. */
  startApiServer(): Promise<void>;
  stopApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Ends the processes and removes their data. */
  stop(): Promise<void>;
}

/**
 * *Guarantees*: each control plane has ports, data and certificates of its own; none outlives this process.
 * No controller manager runs: DaemonSets make no pods, nothing is garbage collected, namespaces have no default
 * ServiceAccount, and the aggregated ClusterRoles (`view`, `edit`, `admin`) are empty.
 */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-control-plane-'));
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const spec: ApiServerSpec = { folder, port, etcdPort, adminToken: randomBytes(16).toString('hex') };
  prepareApiServer(spec);
  const etcd = await startEtcd(folder, etcdPort, peerPort);
  let apiServer = await startApiServer(spec).catch(async (error: unknown) => {
    await etcd.stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });

  const kubeconfigFor = (token: string) => writeKubeconfig(spec, token);
  const stopServer = async () => void (await apiServer.stop());
  const startServer = async () => void (apiServer = await startApiServer(spec));
  return {
    url: `https://127.0.0.1:${port}`,
    kubeconfig: kubeconfigFor(spec.adminToken),
    kubeconfigFor,
    startApiServer: startServer,
    stopApiServer: stopServer,
    restartApiServer: () => stopServer().then(startServer),
    stop: async () => {
      await stopServer();
      await etcd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeKubeconfig({ folder, port }: ApiServerSpec, token: string): string {
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority': authorityFile(folder) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
    'current-context': 'test',
  };
  const path = join(folder, `kubeconfig-${randomBytes(4).toString('hex')}.yaml`);
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
