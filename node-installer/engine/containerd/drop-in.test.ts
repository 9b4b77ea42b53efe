import { describe, expect, it } from 'vitest';
import type { HandlerTask } from '../../../crds/node-task.ts';
import { parseToml } from '../toml.ts';
import { type ConfigFile, type ConfigTree, parseConfigFile } from './config-tree.ts';
import { criPluginId, criPluginIds, dropInText, handlersOf } from './drop-in.ts';

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

const handler: HandlerTask = {
  name: 'gvisor',
  runtimeType: 'io.containerd.runsc.v1',
  runtimePath: 'containerd-shim-runsc-v1',
  options: { TypeUrl: 'io.containerd.runsc.v1.options', ConfigPath: '{dir}/runsc.toml' },
  podAnnotations: ['dev.gvisor.*'],
  requires: [],
};

describe('dropInText()', () => {
  it('is the whole file', () => {
    expect(dropInText('gvisor', [handler], '/opt/x', now)).toBe(`\
# Written by Bulkhead for the SandboxRuntime gvisor, and removed with it. Changes here are overwritten.

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes."gvisor"]
runtime_type = "io.containerd.runsc.v1"
runtime_path = "/opt/x/containerd-shim-runsc-v1"
pod_annotations = ["dev.gvisor.*"]

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes."gvisor".options]
TypeUrl = "io.containerd.runsc.v1.options"
ConfigPath = "/opt/x/runsc.toml"
`);
  });

  it('survives whatever is in an option', () => {
    const nasty = { ...handler, options: { 'a key': 'a "quote"\n\\ and \u007f', n: 3, b: false } };
    const table = parseToml(dropInText('x', [nasty], '/opt/x', old));
    expect(table).toMatchObject({
      plugins: { [old]: { containerd: { runtimes: { gvisor: { options: nasty.options } } } } },
    });
  });

  it('leaves out what a handler does not have', () => {
    const bare = { ...handler, options: {}, podAnnotations: [] };
    const { runtimePath: _, ...engineOwn } = bare;
    const table = parseToml(dropInText('x', [engineOwn], '/opt/x', now));
    expect(table).toEqual({
      plugins: { [now]: { containerd: { runtimes: { gvisor: { runtime_type: 'io.containerd.runsc.v1' } } } } },
    });
  });
});

describe('handlersOf()', () => {
  it('finds handlers under both ids', () => {
    expect(handlersOf(parseToml(runtimes(old, 'a') + runtimes(now, 'b')))).toEqual(['a', 'b']);
  });
});
