import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HandlerTask } from '../../../crds/node-task.ts';
import { parseToml } from '../toml.ts';
import { crioHandler, crioHandlers } from './config-files.ts';
import { dropInText, handlerSettings, unfitForCrio } from './drop-in.ts';

const kata: HandlerTask = {
  name: 'kata-qemu',
  runtimeType: 'io.containerd.kata-qemu.v2',
  runtimePath: 'bin/containerd-shim-kata-v2',
  options: { ConfigPath: '{dir}/share/configuration-qemu.toml' },
  podAnnotations: ['io.katacontainers.*'],
  requires: [],
};
const krun: HandlerTask = {
  ...kata,
  name: 'krun',
  runtimeType: 'io.containerd.runc.v2',
  options: { BinaryName: '{dir}/bin/krun', SystemdCgroup: true },
};

describe('dropInText()', () => {
  it('is the whole file, with shims as vm and OCI runtimes as oci', () => {
    expect(dropInText('mixed', [kata, krun], '/opt/x', {})).toBe(`\
# Written by Bulkhead for the SandboxRuntime mixed, and removed with it. Changes here are overwritten.

[crio.runtime.runtimes.kata-qemu]
runtime_path = "/opt/x/bin/containerd-shim-kata-v2"
runtime_type = "vm"
runtime_root = "/run/vc"
runtime_config_path = "/opt/x/share/configuration-qemu.toml"
privileged_without_host_devices = true

[crio.runtime.runtimes.krun]
runtime_path = "/opt/x/bin/krun"
runtime_type = "oci"
runtime_root = "/run/krun"
`);
  });

  it('leaves images to guests that pull them', () => {
    const pulling = dropInText('x', [{ ...kata, pullsInGuest: true }], '/opt/x', {});
    expect(crioHandler(parseToml(pulling), 'kata-qemu')).toMatchObject({ runtime_pull_image: true });
    expect(dropInText('x', [kata], '/opt/x', {})).not.toContain('runtime_pull_image');
  });

  it('parses to exactly the handlers that it was made from, whatever is in their paths', () => {
    const values = fc.record({ runtime_path: fc.string({ unit: 'binary' }), runtime_type: fc.constant('vm') });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), values, (path, kept) => {
        const handler = { ...kata, options: { ConfigPath: path } };
        const table = parseToml(dropInText('x', [handler], '/opt/x', { kept }));
        expect(crioHandlers(table)).toEqual(['kata-qemu', 'kept']);
        expect(crioHandler(table, 'kata-qemu')).toEqual(handlerSettings(handler, '/opt/x'));
        expect(crioHandler(table, 'kept')).toEqual(kept);
      }),
    );
  });
});

describe('unfitForCrio()', () => {
  it.each([
    ['a shim of the second version', kata, undefined],
    ['an OCI runtime', krun, undefined],
    ['a shim of another name', { ...kata, runtimePath: 'containerd-shim-runsc-v1' }, 'its shim is called'],
    ['a shim of the engine itself', { ...kata, runtimePath: undefined }, 'is no runtime of the payload'],
  ])('%s', (_, handler, why) => {
    const message = unfitForCrio(handler)?.message;
    expect(message).toEqual(why === undefined ? undefined : expect.stringContaining(why));
  });
});
