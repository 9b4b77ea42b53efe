// The certificate authorities that the admin gave for downloads, in a ConfigMap that the container has as a folder if there is one.
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authoritiesConfigMap, containerPaths } from '../../crds/names.ts';
import { certificatesIn } from './host-authorities.ts';
import { UnfitPayload } from './unfit-payload.ts';

/**
 * PEM, one certificate each.
 * *Errors*: throws in words for a key of the ConfigMap that has none, or a broken one.
 */
export async function givenAuthorities(folder: string = containerPaths.authorities): Promise<string[]> {
  // Kubelet keeps what the keys are links to in folders whose names begin with two dots.
  const keys = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('..'));
  const found = await Promise.all(
    keys.map(async (key) => {
      const certificates = certificatesIn(await readFile(join(folder, key), 'utf8'));
      if (certificates.length > 0 && certificates.every(isCertificate)) return certificates;
      throw new UnfitPayload(
        'AuthorityUnusable',
        `Cannot trust ${key} of the ConfigMap ${authoritiesConfigMap}: it ${certificates.length > 0 ? 'has a broken certificate' : 'has no certificate'}.`,
        'Each key of it must hold certificates in PEM, as in BEGIN CERTIFICATE.',
      );
    }),
  );
  return found.flat();
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
