import { describe, expect, it } from 'vitest';
import { parseToml } from '../toml.ts';
import { type ConfigFile, type ConfigTree, parseConfigFile } from './config-tree.ts';
import { criPluginId, criPluginIdFor1, criPluginIds, handlersOf } from './plugin-id.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function file(path: string, text: string): ConfigFile {
  const parsed = parseConfigFile(path, bytes(text));
  if (parsed.kind === 'Unparsable') throw new Error(parsed.why);
  return parsed.file;
}

function tree(root: string | undefined, ...imported: string[]): ConfigTree {
  return {
    rootPath: '/c.toml',
    ...(root === undefined ? {} : { root: file('/c.toml', root) }),
    imported: imported.map((text, index) => file(`/${index}.toml`, text)),
    missingImports: [],
  };
}

const runtimes = (id: string, name = 'runc') => `[plugins."${id}".containerd.runtimes.${name}]\n`;
const [old, now] = [criPluginIds.old, criPluginIds.new];

describe('criPluginId()', () => {
  it.each([
    ['no root file', tree(undefined), now],
    ['schema 2 with the old id', tree(`version = 2\n${runtimes(old)}`), old],
    ['schema 2 with the new id (AKS)', tree(`version = 2\n${runtimes(now)}`), now],
    ['schema 2 with both', tree(`version = 2\n${runtimes(old)}${runtimes(now)}`), now],
    ['schema 2 without runtimes', tree('version = 2\n'), now],
    ['schema 2 with runtimes in an import', tree('version = 2\n', runtimes(old)), old],
    ['schema 3 with the old id, dead already', tree(`version = 3\n${runtimes(old)}`), now],
    ['schema 4', tree(`version = 4\n${runtimes(now)}`), now],
    ['no version', tree(runtimes(old)), now],
  ])('for %s', (_, config, id) => {
    expect(criPluginId(config)).toBe(id);
  });
});

describe('criPluginIdFor1()', () => {
  it.each([
    ['no root file', tree(undefined), old],
    ['no version', tree(''), 'cri'],
    ['schema 1', tree('version = 1\n'), 'cri'],
    ['schema 2', tree('version = 2\n'), old],
    ['a version in an import alone', tree('', 'version = 2\n', 'root = "/x"\n'), old],
  ])('for %s', (_, config, id) => {
    expect(criPluginIdFor1(config)).toBe(id);
  });
});

describe('handlersOf()', () => {
  it('finds handlers under every id', () => {
    expect(handlersOf(parseToml(runtimes(old, 'a') + runtimes(now, 'b') + runtimes('cri', 'c'))).toSorted()).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});
