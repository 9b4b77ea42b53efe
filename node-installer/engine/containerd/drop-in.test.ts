import { describe, expect, it } from 'vitest';
import type { HandlerTask } from '../../../crds/node-task.ts';
import { parseToml } from '../toml.ts';
import { dropInText } from './drop-in.ts';
import { criPluginIds } from './plugin-id.ts';

const [old, now] = [criPluginIds.old, criPluginIds.new];

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

  it('has a handler’s images unpacked by its snapshotter too, which schema 2 knows by the handler alone', () => {
    const fc = { ...handler, name: 'fc', snapshotter: 'devmapper' };
    expect(parseToml(dropInText('x', [fc], '/opt/x', now))).toMatchObject({
      plugins: {
        'io.containerd.cri.v1.images': { runtime_platforms: { fc: { snapshotter: 'devmapper' } } },
        [now]: { containerd: { runtimes: { fc: { snapshotter: 'devmapper' } } } },
      },
    });
    expect(Object.keys(parseToml(dropInText('x', [fc], '/opt/x', old))['plugins'] ?? {})).toEqual([old]);
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
