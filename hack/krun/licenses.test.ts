// Licences that go with the krun payload.

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { copyCrateLicenses, isLicenseText, sourceNotice } from './licenses.ts';

describe('isLicenseText()', () => {
  it.each([
    ['LICENSE', true],
    ['LICENSE-MIT', true],
    ['LICENSE.BSD-3-Clause', true],
    ['license-apache-2.0', true],
    ['COPYING', true],
    ['NOTICE', true],
    ['UNLICENSE', true],
    ['licensing.rs', false],
    ['Cargo.toml', false],
  ])('%s: %s', (name, expected) => {
    expect(isLicenseText(name)).toBe(expected);
  });
});

describe('copyCrateLicenses()', () => {
  it('keeps the texts of two crates with files of one name apart, and refuses a crate without a source', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crates-'));
    const sources = new Map<string, string>();
    for (const name of ['a', 'b']) {
      sources.set(`${name} 1.0.0`, join(folder, name));
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'LICENSE'), name);
      await writeFile(join(folder, name, 'lib.rs'), '');
    }
    const crate = (name: string) => ({ name, version: '1.0.0', purl: `pkg:cargo/${name}@1.0.0` });
    const into = join(folder, 'licenses');
    await mkdir(into);
    await copyCrateLicenses([crate('a'), crate('b')], sources, into);
    expect((await readdir(into)).toSorted()).toEqual(['a-1.0.0-LICENSE', 'b-1.0.0-LICENSE']);
    await expect(copyCrateLicenses([crate('c')], sources, into)).rejects.toThrow('licence of c 1.0.0');
    await rm(folder, { recursive: true });
  });
});

describe('sourceNotice()', () => {
  const part = (name: string, version: string, type: string, license: string) => ({
    name,
    version,
    purl: `pkg:${type}/${name}@${version}`,
    license,
  });

  it('says where the source of each part under the GPL or LGPL is, at its version, and of no other', () => {
    const notice = sourceNotice([
      part('libkrunfw5', '5.5.0+ds-1', 'deb/debian', 'LGPL-2.1-only AND GPL-2.0-only'),
      part('crun', '1.21', 'generic', 'GPL-2.0-or-later AND LGPL-2.1-or-later'),
      part('libkrun', '1.19.7', 'cargo', 'Apache-2.0'),
    ]);
    expect(notice.split('\n').slice(2, -1)).toEqual([
      'libkrunfw5 5.5.0+ds-1 (LGPL-2.1-only AND GPL-2.0-only): apt-get source libkrunfw5=5.5.0+ds-1 (Debian)',
      'crun 1.21 (GPL-2.0-or-later AND LGPL-2.1-or-later): apt-get source crun=1.21-1 (Debian)',
    ]);
  });

  it('names the wheel that the kernel came from when it was not Debian’s', () => {
    const notice = sourceNotice([part('microsandbox', '0.7.11', 'pypi', 'LGPL-2.1-only AND GPL-2.0-only')]);
    expect(notice).toContain('that the PyPI package microsandbox 0.7.11 bundles');
  });
});
