import { describe, expect, it } from 'vitest';
import { virtualizationFrom } from './virtualization.ts';

const traces = { arch: 'amd64', cpuinfo: 'flags\t\t: fpu vmx ept\n', device: 'Opened', deviceIsThere: true } as const;

describe('virtualizationFrom()', () => {
  it.each([
    ['intel', traces, { usable: true, vendor: 'intel', nested: false }],
    [
      'amd in a virtual machine',
      { ...traces, cpuinfo: 'flags : svm hypervisor\n' },
      { usable: true, vendor: 'amd', nested: true },
    ],
    ['arm', { ...traces, arch: 'arm64', cpuinfo: '' }, { usable: true, vendor: 'arm' }],
    ['a container that may not open the device', { ...traces, device: 'Denied' as const }, { usable: true }],
  ])('takes %s', (_, given, expected) => {
    expect(virtualizationFrom(given)).toMatchObject(expected);
    expect(virtualizationFrom(given).reason).toBeUndefined();
  });

  it.each([
    [
      'a device that opens on a CPU without vmx and svm',
      { ...traces, cpuinfo: 'flags : fpu hypervisor\n' },
      /neither vmx nor svm/,
    ],
    ['no device', { ...traces, device: 'Absent' as const, deviceIsThere: false }, /no \/dev\/kvm/],
    ['a device that does not open', { ...traces, device: 'Broken' as const }, /cannot be opened/],
  ])('refuses %s', (_, given, reason) => {
    expect(virtualizationFrom(given)).toMatchObject({ usable: false });
    expect(virtualizationFrom(given).reason).toMatch(reason);
  });
});
