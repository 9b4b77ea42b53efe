// Starts the control plane of node VMs: etcd, API server, controller manager and scheduler as processes on loopback.
// It starts no node.

import { mkdir, readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isAlive, startDetached, type ProcessId } from '../docker/processes.ts';
import { etcdFlags, etcdUrl } from '../etcd-flags.ts';
import { gateway, services } from './plan.ts';

export interface ControlPlane {
  /** Holds certificates, data and logs. */
  readonly folder: string;
  /** Folders of the artifacts. */
  readonly programs: { readonly kubernetes: string; readonly etcd: string };
  readonly ports: Readonly<Record<'api' | 'etcd' | 'etcdPeer' | 'controllers' | 'scheduler', number>>;
  readonly adminToken: string;
}

export const authorityFile = (folder: string): string => join(folder, 'certificates/apiserver.crt');
const logFile = (folder: string, program: string): string => join(folder, `${program}.log`);

const TIMEOUT_MS = 120_000;

/** Starts etcd and the API server and waits until that is ready. @param started told of each process at once */
export const startApi = async (plane: ControlPlane, started: (process: ProcessId) => Promise<void>): Promise<void> => {
  await mkdir(plane.folder, { recursive: true });
  const { etcd, kubernetes } = plane.programs;
  const store = {
    dataFolder: join(plane.folder, 'etcd'),
    clientPort: plane.ports.etcd,
    peerPort: plane.ports.etcdPeer,
  };
  await started(await start(plane, join(etcd, 'etcd'), etcdFlags(store)));
  const server = await start(plane, join(kubernetes, 'kube-apiserver'), apiServerFlags(plane));
  await started(server);
  await waitUntilReady(plane, server);
};

/** @param kubeconfig its user may do everything */
export const startControllers = async (
  { folder, programs, ports }: ControlPlane,
  kubeconfig: string,
  started: (process: ProcessId) => Promise<void>,
): Promise<void> => {
  const common = { kubeconfig, 'bind-address': '127.0.0.1', 'leader-elect': 'false' };
  const program = (name: string) => join(programs.kubernetes, name);
  const plane = { folder };
  await started(
    await start(plane, program('kube-controller-manager'), {
      ...common,
      'secure-port': String(ports.controllers),
      'service-account-private-key-file': join(folder, 'service-accounts.key'),
      'root-ca-file': authorityFile(folder),
    }),
  );
  const scheduler = { ...common, 'secure-port': String(ports.scheduler) };
  await started(await start(plane, program('kube-scheduler'), scheduler));
};

const start = async (
  { folder }: Pick<ControlPlane, 'folder'>,
  program: string,
  flags: Readonly<Record<string, string>>,
): Promise<ProcessId> => {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return startDetached([program, ...args], logFile(folder, program.slice(program.lastIndexOf('/') + 1)));
};

const apiServerFlags = ({ folder, ports }: ControlPlane): Record<string, string> => ({
  'etcd-servers': etcdUrl(ports.etcd),
  'bind-address': '127.0.0.1',
  // Where the VMs find this machine's loopback; the certificate that the server makes for itself names both addresses.
  'advertise-address': gateway,
  'secure-port': String(ports.api),
  'cert-dir': join(folder, 'certificates'),
  'token-auth-file': join(folder, 'tokens.csv'),
  'authorization-mode': 'Node,RBAC',
  'enable-admission-plugins': 'NodeRestriction',
  'service-account-issuer': 'https://kubernetes.default.svc',
  'service-account-key-file': join(folder, 'service-accounts.pub'),
  'service-account-signing-key-file': join(folder, 'service-accounts.key'),
  'service-cluster-ip-range': services,
  'allow-privileged': 'true',
  'kubelet-client-certificate': join(folder, 'kubelet-client.crt'),
  'kubelet-client-key': join(folder, 'kubelet-client.key'),
  // A node's own address is one in its VM's network; its external one is a forwarded port of this machine.
  'kubelet-preferred-address-types': 'ExternalIP',
});

const waitUntilReady = async (plane: ControlPlane, server: ProcessId): Promise<void> => {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isReady(plane).catch(() => false))) {
    const log = logFile(plane.folder, 'kube-apiserver');
    if (!(await isAlive(server))) throw new Error(`Cannot start the API server: it ended. Its log is ${log}.`);
    if (Date.now() > deadline) throw new Error(`Cannot start the API server: it is not ready. Its log is ${log}.`);
    await sleep(200);
  }
};

const isReady = async ({ folder, ports, adminToken }: ControlPlane): Promise<boolean> => {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const ca = await readFile(authorityFile(folder));
  const options = { ca, headers: { authorization: `Bearer ${adminToken}` }, agent: false };
  get(`https://127.0.0.1:${ports.api}/readyz`, options, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  }).on('error', reject);
  return promise;
};
