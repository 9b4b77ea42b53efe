// How a VM is told to QEMU.

import { describe, expect, it } from 'vitest';

import { qemuArguments } from './machine.ts';
import { vmAt } from './plan.ts';

const files = { kernel: '/k', initrd: '/i', disk: '/d', seed: '/s', store: '/t', console: '/c', firmware: ['/f'] };
const args = (index: number) => qemuArguments(vmAt(index, [2200 + index, 10_250 + index]), files).join(' ');

describe('qemuArguments()', () => {
  it('opens ports on loopback alone', () => {
    const forwards = [...args(0).matchAll(/hostfwd=tcp:([^:]*):(\d+)-:(\d+)/g)].map(([, ...parts]) => parts);
    expect(forwards).toEqual([
      ['127.0.0.1', '2200', '22'],
      ['127.0.0.1', '10250', '10250'],
    ]);
  });

  it('gives the guest virtualization of its own', () => {
    expect(args(0)).toMatch(/-accel tcg,thread=multi -cpu EPYC,\+svm,\+npt /);
  });

  it('gives the VM the memory that was asked for', () => {
    expect(args(0)).toContain(' -m 3072 ');
    expect(qemuArguments(vmAt(0, [2200, 10_250], 6144), files).join(' ')).toContain(' -m 6144 ');
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
