// How a VM is told to QEMU.

import { describe, expect, it } from 'vitest';

import { qemuArguments } from './machine.ts';
import { vmAt } from './plan.ts';

const files = { kernel: '/k', initrd: '/i', disk: '/d', seed: '/s', store: '/t', console: '/c', firmware: ['/f'] };
const vm = (index: number, memoryMiB?: number) =>
  vmAt(index, { sshPort: 2200 + index, kubeletPort: 10_250 + index, meetingPort: 2300 }, memoryMiB);
const args = (index: number, memoryMiB?: number) => qemuArguments(vm(index, memoryMiB), files).join(' ');

describe('qemuArguments()', () => {
  it.each([
    [0, '10.0.2.15'],
    [1, '10.0.2.16'],
  ])('opens ports on loopback alone, to the address that VM %i has', (index, address) => {
    const forwards = [...args(index).matchAll(/hostfwd=tcp:([^,\s]*)/g)].map(([, forward]) => forward);
    expect(forwards).toEqual([
      `127.0.0.1:${2200 + index}-${address}:22`,
      `127.0.0.1:${10_250 + index}-${address}:${10_250 + index}`,
    ]);
  });

  it('has the VMs of a cluster meet on loopback, where each is another', () => {
    const meetings = [0, 1].map((index) => /-netdev socket,\S+ -device \S+/.exec(args(index))?.[0]);
    const at = '-netdev socket,id=peers,mcast=230.0.0.1:2300,localaddr=127.0.0.1';
    expect(meetings).toEqual([
      `${at} -device virtio-net-pci,netdev=peers,mac=52:54:01:00:03:0f`,
      `${at} -device virtio-net-pci,netdev=peers,mac=52:54:01:00:03:10`,
    ]);
  });

  it('gives the guest virtualization of its own', () => {
    expect(args(0)).toMatch(/-accel tcg,thread=multi -cpu EPYC,\+svm,\+npt /);
  });

  it('gives the VM the memory that was asked for', () => {
    expect(args(0)).toContain(' -m 3072 ');
    expect(args(0, 6144)).toContain(' -m 6144 ');
  });

  it('writes to no disk but the VM’s own two', () => {
    const drives = [...args(0).matchAll(/-drive file=(\S+?),(\S+)/g)].map(([, file, rest]) => [
      file,
      /readonly=on/.test(rest ?? ''),
    ]);
    expect(drives).toEqual([
      ['/d', false],
      ['/s', true],
      ['/t', false],
    ]);
  });
});
