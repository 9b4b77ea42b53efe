// A certificate authority that nobody knows, and a server's certificate by it. Made by openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All in PEM. */
export type PrivateAuthority = { readonly authority: string; readonly key: string; readonly cert: string };

export function privateAuthority(serverName: string): PrivateAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-authority-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '2', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test CA');
  openssl('req', ...newKey, '-keyout', 'key', '-out', 'request', '-subj', `/CN=${serverName}`);
  writeFileSync(join(folder, 'extensions'), `subjectAltName=DNS:${serverName}\n`);
  const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions', '-days', '2'];
  openssl('x509', '-req', '-in', 'request', '-out', 'cert', ...by);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const made = { authority: read('ca.crt'), key: read('key'), cert: read('cert') };
  rmSync(folder, { recursive: true });
  return made;
}
