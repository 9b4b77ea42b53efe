// Claims about the licence texts in an image, from packages made for the test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npmLicenses } from './npm-licenses.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'licenses-'));
  packageOf('zod', { LICENSE: 'You may use zod.\n', 'README.md': 'no licence' });
  packageOf('@a/b', { 'LICENSE-MIT': 'You may use b.', NOTICE: 'b is by B.' });
  packageOf('bare', {});
});
afterAll(() => rmSync(root, { recursive: true }));

function packageOf(name: string, files: Readonly<Record<string, string>>): void {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  const description = JSON.stringify({ name, version: '1.0.0', license: 'MIT' });
  for (const [file, text] of Object.entries({ ...files, 'package.json': description }))
    writeFileSync(join(folder, file), text);
}

describe('npmLicenses()', () => {
  it('has every text of every package with bundled code, under the package’s name, and of no other', async () => {
    const text = await npmLicenses(
      [join(root, 'node_modules/@a/b/c.js'), join(root, 'node_modules/zod/v4/a.js')],
      root,
    );
    const line = '='.repeat(80);
    expect(text).toBe(
      `${line}\n@a/b 1.0.0 (MIT)\n${line}\n\nYou may use b.\n\nb is by B.\n\n${line}\nzod 1.0.0 (MIT)\n${line}\n\nYou may use zod.\n`,
    );
  });

  it('says of a package without a text that it has none', async () => {
    const text = await npmLicenses([join(root, 'node_modules/bare/index.js')], root);
    expect(text).toContain('bare 1.0.0 (MIT)');
    expect(text).toContain('brings no licence text');
  });
});
