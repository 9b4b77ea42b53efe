// Claims about what the builder's command line means.
import { describe, expect, it } from 'vitest';
import { payloadCommand } from './payload-command.ts';

const hex = 'ab'.repeat(32);
const read = (...args: string[]) => payloadCommand(['--out', 'a.tar', ...args], 'amd64');

describe('payloadCommand()', () => {
  it('reads family, version and handlers as a spec', () => {
    const { spec, arches, sources, dataOnly } = read(
      '--family',
      'kata',
      '--version',
      '4.2.0',
      '--handlers',
      'kata-fc,kata-clh',
    );
    expect(spec).toMatchObject({
      family: 'kata',
      version: '4.2.0',
      handlers: [{ name: 'kata-fc' }, { name: 'kata-clh' }],
    });
    expect({ arches, sources, dataOnly }).toEqual({ arches: ['amd64'], sources: [], dataOnly: false });
  });

  it('reads files and URLs with their digests, and builds for the architectures that they name', () => {
    const url = 'https://files.example/a.tar@2/b.tar.zst';
    const { sources, arches } = read(
      ...['--data-only', '--family', 'kata', '--source', `amd64=/a/b.tar@sha256:${hex}`],
      ...['--source', `arm64=${url}@sha512:${hex}${hex}`, '--source', `c.tar@sha256:${hex}`],
    );
    expect(sources).toEqual([
      { from: '/a/b.tar', digest: { algorithm: 'sha256', hex }, arch: 'amd64' },
      { from: url, digest: { algorithm: 'sha512', hex: hex + hex }, arch: 'arm64' },
      { from: 'c.tar', digest: { algorithm: 'sha256', hex } },
    ]);
    expect(arches).toEqual(['amd64', 'arm64']);
  });

  it('refuses to build into nowhere', () => {
    expect(() => payloadCommand(['--family', 'kata'], 'amd64')).toThrow('--out is missing');
  });

  it.each([
    [['--version', '4.2.0'], 'exactly one of --family and --spec says what it is'],
    [['--family', 'kata', '--handlers', 'Kata!'], 'spec.handlers.0.name'],
    [['--family', 'kata', '--source', `a.tar@sha256:${hex}ab`], 'the source a.tar@sha256'],
    [['--family', 'kata', '--source', `vax=a.tar@sha256:${hex}`], 'vax is no architecture; there are amd64, arm64'],
    [['--family', 'kata', '--arch', 'arm64'], 'the installer that would be in the image is amd64'],
    [['--family', 'kata', '--name', 'registry.example:5000/kata'], 'has no tag'],
  ])('refuses %s', (args, why) => {
    expect(() => read(...args)).toThrow(why);
  });
});
