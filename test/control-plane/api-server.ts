// How kube-apiserver is started for tests: on loopback, with RBAC, one admin token and keys for ServiceAccount tokens.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';

export interface ApiServerSpec {
  /** Holds certificates, keys and the log; the same folder again is the same server again. */
  readonly folder: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly adminToken: string;
}

/** The file with the certificate authority that kube-apiserver makes for itself on its first start. */
export function authorityFile(folder: string): string {
  return join(folder, 'certificates', 'apiserver.crt');
}

/** Writes what the server reads at each start. */
export function prepareApiServer({ folder, adminToken }: ApiServerSpec): void {
  writeFileSync(join(folder, 'tokens.csv'), `${adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = { format: 'pem' } as const;
  writeFileSync(join(folder, 'sa.key'), privateKey.export({ ...pem, type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(join(folder, 'sa.pub'), publicKey.export({ ...pem, type: 'spki' }));
}

export async function startApiServer(spec: ApiServerSpec): Promise<Daemon> {
  const { folder } = spec;
  return startDaemon({
    program: join(await ensure('kubernetes', progress('build')), 'kube-apiserver'),
    args: Object.entries(flags(spec)).map(([name, value]) => `--${name}=${value}`),
    log: join(folder, 'kube-apiserver.log'),
    isReady: () => isReady(spec),
    timeoutMs: 120_000,
  });
}

function flags({ folder, port, etcdPort }: ApiServerSpec): Record<string, string> {
  return {
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'bind-address': '127.0.0.1',
    // The certificate that the server makes for itself is valid for this address.
    'advertise-address': '127.0.0.1',
    'secure-port': String(port),
    'cert-dir': join(folder, 'certificates'),
    'token-auth-file': join(folder, 'tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(folder, 'sa.pub'),
    'service-account-signing-key-file': join(folder, 'sa.key'),
    'service-cluster-ip-range': '10.96.0.0/24',
    'allow-privileged': 'true',
    // A loopback address is not allowed in the endpoints of the kubernetes Service.
    'endpoint-reconciler-type': 'none',
    // Without a controller manager no namespace has its default ServiceAccount, and this plugin would refuse every pod.
    'disable-admission-plugins': 'ServiceAccount',
  };
}

/** Ready includes the default RBAC roles. */
function isReady({ folder, port, adminToken }: ApiServerSpec): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const options = {
    ca: readFileSync(authorityFile(folder)),
    headers: { authorization: `Bearer ${adminToken}` },
    agent: false,
  };
  get(`https://127.0.0.1:${port}/readyz`, options, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  }).on('error', reject);
  return promise;
}
