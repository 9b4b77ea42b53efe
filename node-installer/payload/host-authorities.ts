// The certificate authorities that a host trusts, so that what its admin installed there counts for downloads too.
import type { Host } from '../host/host.ts';

/** *Source*: where Debian and Alpine, Fedora and RHEL, SUSE, and RHEL's generator keep the bundle; Go looks at the same. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
];

/** PEM, one certificate each; none when the host has no bundle. */
export async function hostAuthorities(host: Host): Promise<string[]> {
  for (const path of bundles) {
    const bytes = await host.read(path);
    if (!bytes) continue;
    return certificatesIn(new TextDecoder().decode(bytes));
  }
  return [];
}

export function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
