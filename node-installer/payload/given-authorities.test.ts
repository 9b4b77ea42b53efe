import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { givenAuthorities } from './given-authorities.ts';

const [one = '', two = ''] = rootCertificates;

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** As kubelet lays a ConfigMap out. */
function configMap(keys: Readonly<Record<string, string>>): string {
  const made = (folder = mkdtempSync(join(tmpdir(), 'bulkhead-authorities-')));
  mkdirSync(join(made, '..2026_11_01'));
  symlinkSync('..2026_11_01', join(made, '..data'));
  for (const [key, text] of Object.entries(keys)) {
    writeFileSync(join(made, '..data', key), text);
    symlinkSync(join('..data', key), join(made, key));
  }
  return made;
}

describe('givenAuthorities()', () => {
  it('are those of all keys', async () => {
    const keys = { 'ca.crt': `# ours\n${one}\n`, 'proxy.pem': `${one}\n${two}\n` };
    expect(await givenAuthorities(configMap(keys))).toEqual([one, one, two]);
  });

  it('are none without the ConfigMap', async () => {
    expect(await givenAuthorities('/nowhere')).toEqual([]);
  });

  it.each([
    ['has no certificate', 'ca.crt', 'just text'],
    ['has a broken certificate', 'ca.crt', one.replace(/[A-Za-z]{20}/, '')],
  ])('refuse a key that %s', async (what, key, text) => {
    await expect(givenAuthorities(configMap({ [key]: text }))).rejects.toMatchObject({
      reason: 'AuthorityUnusable',
      message: `Cannot trust ${key} of the ConfigMap bulkhead-authorities: it ${what}.`,
    });
  });
});
