// Which cgroup driver handlers get.
import { describe, expect, it } from 'vitest';
import type { HandlerTask } from '../../../crds/node-task.ts';
import { parseToml } from '../toml.ts';
import { followCgroupDriver } from './cgroup-driver.ts';

const handler = (change: Partial<HandlerTask> = {}): HandlerTask => ({
  name: 'krun',
  runtimeType: 'io.containerd.runc.v2',
  options: { BinaryName: '{dir}/krun' },
  podAnnotations: [],
  requires: [],
  ...change,
});

const dumpOf = (ordinary: string, value: boolean) =>
  parseToml(`
[plugins."io.containerd.cri.v1.runtime".containerd]
default_runtime_name = "${ordinary}"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.${ordinary}.options]
SystemdCgroup = ${value}
`);

describe('followCgroupDriver()', () => {
  it.each([
    ["systemd's", dumpOf('runc', true), true],
    ['cgroupfs', dumpOf('runc', false), false],
    ["systemd's, of another ordinary runtime", dumpOf('crun', true), true],
    ['none that is named', parseToml(''), false],
  ])('takes the driver of the node: %s', (_, dump, expected) => {
    expect(followCgroupDriver([handler()], dump)).toEqual([
      handler({ options: { BinaryName: '{dir}/krun', SystemdCgroup: expected } }),
    ]);
  });

  it.each([
    ['a driver of its own', handler({ options: { SystemdCgroup: false } })],
    ['another shim', handler({ runtimeType: 'io.containerd.runsc.v1' })],
  ])('leaves a handler with %s as it is', (_, each) => {
    expect(followCgroupDriver([each], dumpOf('runc', true))).toEqual([each]);
  });
});
