import { describe, expect, it } from 'vitest';
import { availableMemory, sharedMemory } from './memory.ts';

const meminfo = 'MemTotal:       2000 kB\nMemFree:         100 kB\nMemAvailable:   1500 kB\n';

describe('availableMemory()', () => {
  it('is the kernel’s estimate, where it makes one', () => {
    expect(availableMemory(meminfo)).toBe(1500 * 1024);
    expect(availableMemory('MemFree: 100 kB\n')).toBeUndefined();
  });
});

describe('sharedMemory()', () => {
  it.each([
    ['has a size', 'tmpfs /dev/shm tmpfs rw,nosuid,size=64k,inode64 0 0', 64 * 1024],
    ['has none', 'tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0', 1000 * 1024],
    ['is mounted over', 'shm /dev/shm tmpfs rw,size=1k 0 0\ntmpfs /dev/shm tmpfs rw,size=8k 0 0', 8 * 1024],
    ['is not there', '/dev/sda / ext4 rw 0 0', 0],
  ])('reads a /dev/shm that %s', (_, mounts, size) => {
    expect(sharedMemory(mounts, meminfo)).toBe(size);
  });
});
