import { describe, expect, it } from 'vitest';
import { crioPaths, crioSocket, parseCrioFile } from './config-files.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function file(text: string) {
  const parsed = parseCrioFile('/etc/crio/crio.conf', bytes(text));
  if (parsed.kind === 'Unparsable') throw new Error(parsed.why);
  return parsed.file;
}

describe('parseCrioFile()', () => {
  it('takes a byte order mark, as CRI-O does, and keeps it in the text', () => {
    expect(file('\uFEFF[crio]\n')).toMatchObject({ text: '\uFEFF[crio]\n', table: { crio: {} } });
  });

  it.each([
    ['what is no TOML', bytes('a = [')],
    ['what is no UTF-8', new Uint8Array([0x61, 0xff])],
  ])('refuses %s', (_, content) => {
    expect(parseCrioFile('/x', content)).toMatchObject({ kind: 'Unparsable', path: '/x' });
  });
});

describe('crioPaths()', () => {
  it.each([
    [['crio'], { root: '/etc/crio/crio.conf', dropIns: '/etc/crio/crio.conf.d' }],
    [['crio', '-c', '/a', '--config-dir=/b'], { root: '/a', dropIns: '/b' }],
    [['crio', '--cni-config-dir', '/c', '-d', '/b'], { root: '/etc/crio/crio.conf', dropIns: '/b' }],
  ])('reads %j', (argv, paths) => {
    expect(crioPaths(argv)).toEqual(paths);
  });
});

describe('crioSocket()', () => {
  it('is what the last file says', () => {
    const first = file('[crio.api]\nlisten = "/a.sock"\n');
    expect(crioSocket([first, file('[crio.api]\nlisten = "/b.sock"\n'), file('[crio]\n')])).toBe('/b.sock');
    expect(crioSocket([file('[crio]\n')])).toBeUndefined();
  });
});
