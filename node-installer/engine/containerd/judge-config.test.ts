import { describe, expect, it } from 'vitest';
import { parseToml } from '../toml.ts';
import type { ConfigTree } from './config-tree.ts';
import { disabledCriPlugins, hiddenProblems, strayChanges } from './judge-config.ts';

const runtime = (name: string, more = '') =>
  `[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.${name}]\nruntime_type = "x"\n${more}`;
const sound: ConfigTree = { rootPath: '/c.toml', imported: [], missingImports: [] };

describe('strayChanges()', () => {
  const before = parseToml(`version = 3\nimports = ["/a"]\noom_score = 1\n${runtime('runc')}`);
  const changes = (after: string, handlers = ['kata']) => strayChanges(before, parseToml(after), handlers);

  it('finds none when only the handlers, imports and version differ', () => {
    expect(changes(`version = 4\nimports = ["/b"]\noom_score = 1\n${runtime('runc')}${runtime('kata')}`)).toEqual([]);
  });

  it('names a value that changed, came or went', () => {
    expect(changes(`oom_score = 2\nroot = "/x"\n${runtime('kata')}`)).toEqual([
      'oom_score',
      'plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.runtime_type',
      'root',
    ]);
  });

  it('takes an empty option for none, and an empty setting for one', () => {
    const options = (text: string) => parseToml(runtime('runc.options', text).replace('runtime_type = "x"\n', ''));
    expect(strayChanges(options('Root = ""\nIoUid = 0\n'), options(''), [])).toEqual([]);
    expect(strayChanges(options('Root = "/x"\n'), options('Root = ""\n'), [])).toHaveLength(1);
    expect(strayChanges(parseToml('a = ""'), parseToml(''), [])).toEqual(['a']);
  });

  it('takes a handler whose name begins like ours for another one', () => {
    expect(changes(`oom_score = 1\n${runtime('runc')}${runtime('kata-qemu')}`)).toHaveLength(1);
  });
});

describe('hiddenProblems()', () => {
  it('finds an import of one file that is not there', () => {
    expect(hiddenProblems({ ...sound, missingImports: ['/gone.toml'] }, {})).toEqual([
      'it imports /gone.toml, which is not there',
    ]);
  });

  it('finds a default runtime that is none of the runtimes', () => {
    const containerd = '[plugins."io.containerd.cri.v1.runtime".containerd]\ndefault_runtime_name = "runc"\n';
    expect(hiddenProblems(sound, parseToml(containerd + runtime('runc')))).toEqual([]);
    expect(hiddenProblems(sound, parseToml(containerd + runtime('crun')))).toHaveLength(1);
  });
});

describe('disabledCriPlugins()', () => {
  it.each(['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime'])('finds %s', (id) => {
    expect(disabledCriPlugins(parseToml(`disabled_plugins = ["other", "${id}"]`))).toEqual([id]);
  });

  it('takes other plugins for what they are', () => {
    expect(disabledCriPlugins(parseToml('disabled_plugins = ["io.containerd.snapshotter.v1.erofs"]'))).toEqual([]);
  });
});
