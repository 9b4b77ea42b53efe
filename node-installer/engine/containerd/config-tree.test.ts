import { describe, expect, it } from 'vitest';
import { importPatterns, matchesGlob, parseConfigFile } from './config-tree.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('parseConfigFile()', () => {
  it.each([
    ['what is no TOML', bytes('version = [')],
    ['what is no UTF-8', new Uint8Array([0x61, 0xff])],
  ])('refuses %s', (_, content) => {
    expect(parseConfigFile('/c.toml', content)).toMatchObject({ kind: 'Unparsable', path: '/c.toml' });
  });
});

describe('parseConfigFile(), for a byte order mark', () => {
  it('keeps it in the text and out of the first key', () => {
    const parsed = parseConfigFile('/c.toml', bytes('\uFEFFversion = 2\n'));
    expect(parsed).toMatchObject({ kind: 'Parsed', file: { text: '\uFEFFversion = 2\n', table: { version: 2 } } });
  });
});

describe('importPatterns()', () => {
  it('is relative to the folder of the file that imports', () => {
    const parsed = parseConfigFile(
      '/etc/containerd/c.toml',
      bytes('imports = ["/a/*.toml", "./b*.toml", "../d.toml"]'),
    );
    expect(parsed.kind === 'Parsed' && importPatterns(parsed.file)).toEqual([
      '/a/*.toml',
      '/etc/containerd/b*.toml',
      '/etc/d.toml',
    ]);
  });
});

describe('matchesGlob()', () => {
  it.each([
    ['a.toml', '*.toml', true],
    ['.a.toml', '*.toml', true],
    ['a.toml.bulkhead-new', '*.toml', false],
    ['config.toml.bulkhead-candidate', '*.toml', false],
    ['axtoml', '*.toml', false],
    ['b1.toml', 'b?.toml', true],
  ])('%s against %s', (name, pattern, matches) => {
    expect(matchesGlob(name, pattern)).toBe(matches);
  });
});
