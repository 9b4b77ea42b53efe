import { describe, expect, it } from 'vitest';
import { blockObstacle } from './block-obstacle.ts';
import { type ConfigFile, type ConfigTree, parseConfigFile } from './config-tree.ts';

function file(path: string, text: string): ConfigFile {
  const parsed = parseConfigFile(path, new TextEncoder().encode(text));
  if (parsed.kind === 'Unparsable') throw new Error(parsed.why);
  return parsed.file;
}

function tree(root: string | undefined, imported: Readonly<Record<string, string>> = {}): ConfigTree {
  return {
    rootPath: '/c.toml',
    ...(root === undefined ? {} : { root: file('/c.toml', root) }),
    imported: Object.entries(imported).map(([path, text]) => file(path, text)),
    missingImports: [],
  };
}

const cri = '[plugins."io.containerd.grpc.v1.cri"]\n';

describe('blockObstacle()', () => {
  it.each([
    ['no root file', tree(undefined)],
    ['settings in the root file alone', tree(`version = 2\n${cri}`, { '/d/a.toml': '[debug]\n' })],
    ['an import with settings under an id that does not count', tree('', { '/d/a.toml': cri })],
    ['runtimes in inline tables', tree('version = 2\nplugins.x.containerd.runtimes.runc = { runtime_type = "x" }\n')],
  ])('lets a block join %s', (_, config) => {
    expect(blockObstacle(config)).toBeUndefined();
  });

  it('names the file that replaces the settings of the root file', () => {
    const config = tree(`version = 2\n${cri}`, { '/d/98.toml': cri, '/d/99-nvidia.toml': cri, '/d/a.toml': '' });
    expect(blockObstacle(config)).toEqual({
      reason: 'ConfigOverridden',
      message:
        'Cannot add handlers to /c.toml: /d/99-nvidia.toml, which it imports, replaces all of its CRI settings in containerd 1.x.',
      hint: 'Move the CRI settings of both into /c.toml, or upgrade containerd to 2.x, which merges them.',
    });
  });

  it.each(['runtimes', 'containerd', ''])('says that no table can join an inline one (%s)', (part) => {
    const below = { runtimes: '{ runtimes = {} }', containerd: '{}' }[part];
    const value = below === undefined ? '{ containerd = {} }' : `{ containerd = ${below} }`;
    const config = tree(`version = 2\n[plugins]\n"io.containerd.grpc.v1.cri" = ${value}\n`);
    expect(blockObstacle(config)).toMatchObject({ reason: 'ConfigUnfit' });
  });
});
