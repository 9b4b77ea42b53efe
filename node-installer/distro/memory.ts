// Reads from the kernel's own tables how much memory a node has to give. Pure.

const kibi = 1024;

/** *Source*: proc_meminfo(5): the kernel's estimate of what new programs can get without swapping. */
export function availableMemory(meminfo: string): number | undefined {
  return sizeIn(meminfo, 'MemAvailable');
}

/** *Source*: tmpfs(5): without a `size` option half of the memory; the kernel shows the option in KiB. */
export function sharedMemory(mounts: string, meminfo: string): number {
  const options = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, at, type]) => at === '/dev/shm' && type === 'tmpfs')?.[3];
  if (options === undefined) return 0;
  const size = /(?:^|,)size=(\d+)k(?:,|$)/.exec(options)?.[1];
  return size === undefined ? Math.floor((sizeIn(meminfo, 'MemTotal') ?? 0) / 2) : Number(size) * kibi;
}

function sizeIn(meminfo: string, name: string): number | undefined {
  const size = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
  return size === undefined ? undefined : Number(size) * kibi;
}
