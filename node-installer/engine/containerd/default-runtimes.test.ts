import { describe, expect, it } from 'vitest';
import { parseToml } from '../toml.ts';
import { type ConfigTree, parseConfigFile } from './config-tree.ts';
import { defaultRuntimes } from './default-runtimes.ts';
import { setBlock } from './managed-block.ts';

const table = (name: string, more = '') => `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}]\n${more}`;
const dump = parseToml(`version = 2
${table('runc', 'runtime_type = "r"\nruntime_root = ""\npod_annotations = []\ncni_max_conf_num = 0\n')}
${table('runc.options', 'BinaryName = ""\nIoUid = 0\n')}
${table('tiny', 'runtime_type = "t"\n')}`);

function tree(text: string): ConfigTree {
  const parsed = parseConfigFile('/c.toml', new TextEncoder().encode(text));
  if (parsed.kind === 'Unparsable') throw new Error(parsed.why);
  return { rootPath: '/c.toml', root: parsed.file, imported: [], missingImports: [] };
}

const withBlock = (text: string) => setBlock(text, 'SandboxRuntime x', table('tiny', 'runtime_type = "t"')) ?? '';

describe('defaultRuntimes()', () => {
  it('is what the engine has beside our handlers, without what is empty', () => {
    expect(defaultRuntimes(tree(withBlock('version = 2\n')), dump)).toBe(`\
# containerd 1.x has these runtimes as long as no file names one. Delete this block to write runtimes here.

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes."runc"]
runtime_type = "r"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes."runc".options]
BinaryName = ""
IoUid = 0
`);
  });

  it('is written under the id of the file’s schema, and is the same the next time', () => {
    const text = withBlock('');
    const first = defaultRuntimes(tree(text), dump) ?? '';
    expect(first).toContain('[plugins."cri".containerd.runtimes."runc"]');
    expect(defaultRuntimes(tree(setBlock(text, 'default runtimes', first) ?? ''), dump)).toBe(first);
  });

  it('is nothing for a file with runtimes of its own', () => {
    expect(defaultRuntimes(tree(withBlock(`version = 2\n${table('admin')}`)), dump)).toBeUndefined();
  });
});
