// Makes the keys and tokens of a cluster of node VMs, each into the file that its reader expects.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCommands } from '../build/debian-packages.ts';
import type { Say } from '../progress.ts';
import { run } from '../run.ts';

export interface Credentials {
  readonly adminToken: string;
  readonly proxyToken: string;
  /** By the node's name. */
  readonly nodeTokens: Readonly<Record<string, string>>;
  readonly kubeletClient: string;
  readonly sshPublicKey: string;
}

export const sshKeyFile = (folder: string): string => join(folder, 'ssh-key');

export const makeCredentials = async (folder: string, nodes: readonly string[], say: Say): Promise<Credentials> => {
  await ensureCommands({ openssl: 'openssl', 'ssh-keygen': 'openssh-client' }, say);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const token = (): string => randomBytes(16).toString('hex');
  const nodeTokens = Object.fromEntries(nodes.map((node) => [node, token()]));
  const tokens = { adminToken: token(), proxyToken: token(), nodeTokens };
  await writeFile(join(folder, 'tokens.csv'), tokenFile(tokens), { mode: 0o600 });
  await makeServiceAccountKeys(folder);
  const [key, certificate] = [join(folder, 'kubelet-client.key'), join(folder, 'kubelet-client.crt')];
  const request = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run([...request, '-days', '3650', '-subj', '/CN=api-server', '-keyout', key, '-out', certificate]);
  const ssh = sshKeyFile(folder);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'node-vms', '-f', ssh]);
  return {
    ...tokens,
    kubeletClient: await readFile(certificate, 'utf8'),
    sshPublicKey: await readFile(`${ssh}.pub`, 'utf8'),
  };
};

/** *Shape*: token, user, uid, groups. The names are those that the API server's own roles and the Node authorizer know. */
const tokenFile = ({
  adminToken,
  proxyToken,
  nodeTokens,
}: Pick<Credentials, 'adminToken' | 'proxyToken' | 'nodeTokens'>): string =>
  [
    `${adminToken},admin,admin,"system:masters"`,
    `${proxyToken},system:kube-proxy,kube-proxy`,
    ...Object.entries(nodeTokens).map(([node, token]) => `${token},system:node:${node},${node},"system:nodes"`),
    '',
  ].join('\n');

const makeServiceAccountKeys = async (folder: string): Promise<void> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = { format: 'pem' } as const;
  const file = (name: string): string => join(folder, name);
  await writeFile(file('service-accounts.key'), privateKey.export({ ...pem, type: 'pkcs8' }), { mode: 0o600 });
  await writeFile(file('service-accounts.pub'), publicKey.export({ ...pem, type: 'spki' }));
};
