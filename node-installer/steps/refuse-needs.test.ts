import { describe, expect, it } from 'vitest';
import type { NodeNeeds } from '../../crds/node-needs.ts';
import type { FakeHost } from '../../test/fakes/fake-host.ts';
import { fakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';

/** A node with all that any need below asks for. */
async function wellSuppliedNode() {
  const node = await fakeNode();
  const { host } = node;
  host.put('/proc/sys/kernel/osrelease', '6.1.0-9-cloud\n');
  host.put('/proc/cpuinfo', 'flags : fpu svm avx2\n');
  host.put('/proc/meminfo', 'MemTotal: 4000 kB\nMemAvailable: 3000 kB\n');
  host.put('/proc/1/mounts', '/dev/sda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,size=2000k 0 0\n');
  host.put('/proc/modules', 'vhost 1 0 - Live 0x0\nkvm_amd 1 0 - Live 0x0\n');
  host.put('/sys/fs/cgroup/cgroup.controllers', 'memory\n');
  host.put('/dev/kvm', '');
  host.put('/dev/vhost-vsock', '');
  host.devices['/dev/kvm'] = 'Opened';
  return node;
}

const needs: NodeNeeds = {
  virtualization: 'Required',
  devices: ['/dev/vhost-vsock'],
  modules: ['vhost'],
  cpuFlags: ['avx2'],
  minKernel: '5.10',
  cgroupVersion: 2,
  memoryBytes: 2_000_000,
  sharedMemoryBytes: 1_000_000,
  diskBytes: 5_000_000,
};
const task = tinyTask({ needs });
const preflightOf = async (host: FakeHost) => (await runSteps(host, tinyPayload(), task, ['preflight']))[0];

const lacks: [string, (host: FakeHost) => void, string, string][] = [
  [
    'KVM',
    (host) => host.put('/proc/cpuinfo', 'flags : fpu avx2\n'),
    'NoVirtualization',
    'Cannot run tiny without hardware virtualization: the CPU shows neither vmx nor svm: virtualization is off in the firmware, or not passed on to this virtual machine.',
  ],
  [
    'a CPU flag',
    (host) => host.put('/proc/cpuinfo', 'flags : fpu svm avx\n'),
    'CpuFlagMissing',
    'Cannot run tiny on this CPU: it does not show avx2.',
  ],
  [
    'a kernel of the age',
    (host) => host.put('/proc/sys/kernel/osrelease', '5.4.0-42-generic\n'),
    'KernelTooOld',
    'Cannot run tiny on the kernel 5.4.0-42-generic: it needs 5.10 or later.',
  ],
  [
    'cgroup v2',
    (host) => void host.removeFile('/sys/fs/cgroup/cgroup.controllers'),
    'WrongCgroupVersion',
    'Cannot run tiny with cgroup v1: it needs cgroup v2.',
  ],
  [
    'a module that the kernel does not have at all',
    (host) => host.put('/proc/modules', 'kvm_amd 1 0 - Live 0x0\n'),
    'ModuleMissing',
    'Cannot run tiny without the kernel module vhost: it is neither in the kernel 6.1.0-9-cloud nor under /lib/modules/6.1.0-9-cloud.',
  ],
  [
    'a module, with a kernel that takes no more',
    (host) => {
      host.put('/proc/modules', 'kvm_amd 1 0 - Live 0x0\n');
      host.put('/lib/modules/6.1.0-9-cloud/modules.dep', 'kernel/drivers/vhost/vhost.ko:\n');
      host.put('/proc/sys/kernel/modules_disabled', '1\n');
    },
    'ModulesLocked',
    'Cannot run tiny without the kernel module vhost: it is not loaded, and the kernel takes no more modules until it is booted again (kernel.modules_disabled is 1).',
  ],
  [
    'a module, on a host that cannot be written to',
    (host) => {
      host.put('/proc/modules', 'kvm_amd 1 0 - Live 0x0\n');
      host.put('/lib/modules/6.1.0-9-cloud/modules.dep', 'kernel/drivers/vhost/vhost.ko:\n');
      host.put('/proc/1/mounts', '/dev/sda / ext4 ro 0 0\n');
    },
    'ModuleMissing',
    'Cannot run tiny without the kernel module vhost: it is not loaded, and the host is not for us to change.',
  ],
  [
    'a device',
    (host) => void host.removeFile('/dev/vhost-vsock'),
    'DeviceMissing',
    'Cannot run tiny without /dev/vhost-vsock: the node has no such device.',
  ],
  [
    'memory',
    (host) => host.put('/proc/meminfo', 'MemTotal: 4000 kB\nMemAvailable: 1000 kB\n'),
    'TooLittleMemory',
    "Cannot run tiny in the node's memory: 976000 bytes are missing (2000000 needed, 1024000 available).",
  ],
  [
    'shared memory',
    (host) => host.put('/proc/1/mounts', '/dev/sda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,size=64k 0 0\n'),
    'TooLittleSharedMemory',
    'Cannot keep the guest memory of tiny in /dev/shm: 934464 bytes are missing (1000000 needed, 65536 its size).',
  ],
  [
    'disk',
    (host) => (host.free = 4_999_999),
    'NoDiskSpace',
    'Cannot put the payload under /opt/bulkhead: 1 bytes are missing (5000000 needed, 4999999 free).',
  ],
];

describe('a node that has all that a runtime needs', () => {
  it('takes it', async () => {
    const { host } = await wellSuppliedNode();
    expect(await preflightOf(host)).toMatchObject({
      outcome: 'unchanged',
      facts: { missingDevices: expect.any(Array) },
    });
  });

  it.each(lacks)('is refused in words when %s is missing, and nothing is written', async (_, take, reason, message) => {
    const { host } = await wellSuppliedNode();
    take(host);
    const effects = host.effects.length;
    expect(await preflightOf(host)).toMatchObject({
      outcome: 'ineligible',
      reason,
      message,
      hint: expect.stringMatching(/\.$/) as unknown,
    });
    expect(host.effects).toHaveLength(effects);
  });

  it('may give its memory and disk to sandboxes once it has it', async () => {
    const { host } = await wellSuppliedNode();
    await runSteps(host, tinyPayload(), task, install);
    host.put('/proc/meminfo', 'MemTotal: 4000 kB\nMemAvailable: 10 kB\n');
    host.free = 0;
    expect((await runSteps(host, tinyPayload(), task, install)).map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
  });
});

describe('the facts of a node', () => {
  it('name the devices and modules for sandboxes that it lacks', async () => {
    const { host } = await wellSuppliedNode();
    host.put('/lib/modules/6.1.0-9-cloud/modules.builtin', 'kernel/drivers/net/tun.ko\n');
    host.put('/sys/module/kvm/uevent', '');
    const [report] = await runSteps(host, tinyPayload(), task, ['probe']);
    expect(report?.facts).toMatchObject({
      missingDevices: ['/dev/vhost-net', '/dev/net/tun'],
      missingModules: ['vhost_vsock', 'vhost_net'],
      memoryAvailableBytes: 3000 * 1024,
      sharedMemoryBytes: 2000 * 1024,
    });
  });
});
