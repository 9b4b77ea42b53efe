// Observes what a node has of the things that sandboxes may need of its kernel and memory. It judges nothing.
import type { NodeFacts } from '../../crds/node-facts.ts';
import { type ModuleState, moduleState } from '../distro/kernel-modules.ts';
import { availableMemory, sharedMemory } from '../distro/memory.ts';
import type { Host } from '../host/host.ts';

export type Supplies = {
  readonly kernel: string;
  readonly cpuFlags: ReadonlySet<string>;
  /** By path: whether it is there. */
  readonly devices: ReadonlyMap<string, boolean>;
  readonly modules: ReadonlyMap<string, ModuleState>;
  /** Until it is booted again, the kernel takes no more modules. */
  readonly locked: boolean;
  readonly memoryAvailableBytes: number | undefined;
  readonly sharedMemoryBytes: number;
};

type Wanted = { readonly devices?: readonly string[]; readonly modules?: readonly string[] };

/** What hypervisors use, so that every node's facts tell. */
const common = {
  devices: ['/dev/kvm', '/dev/vhost-vsock', '/dev/vhost-net', '/dev/net/tun'],
  modules: ['kvm', 'vhost_vsock', 'vhost_net', 'tun'],
} as const;

export async function observeSupplies(
  host: Host,
  kernel: string,
  { devices = [], modules = [] }: Wanted = {},
): Promise<Supplies> {
  const meminfo = (await text(host, '/proc/meminfo')) ?? '';
  return {
    kernel,
    cpuFlags: cpuFlagsIn((await text(host, '/proc/cpuinfo')) ?? ''),
    devices: await observeDevices(host, [...common.devices, ...devices]),
    modules: await observeModules(host, kernel, [...common.modules, ...modules]),
    locked: (await text(host, '/proc/sys/kernel/modules_disabled'))?.trim() === '1',
    memoryAvailableBytes: availableMemory(meminfo),
    sharedMemoryBytes: sharedMemory((await text(host, '/proc/1/mounts')) ?? '', meminfo),
  };
}

export async function observeDevices(host: Host, paths: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
  const found = await Promise.all(paths.map(async (path) => [path, (await host.stat(path)) !== undefined] as const));
  return new Map(found);
}

export async function observeModules(
  host: Host,
  kernel: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, ModuleState>> {
  const traces = {
    loaded: await text(host, '/proc/modules'),
    inSysfs: await host.list('/sys/module'),
    builtIn: (await text(host, `/lib/modules/${kernel}/modules.builtin`)) ?? '',
    loadable: (await text(host, `/lib/modules/${kernel}/modules.dep`)) ?? '',
  };
  return new Map(names.map((name) => [name, moduleState(name, traces)]));
}

/** What a report says of them. */
export function supplyFactsOf({ devices, modules, memoryAvailableBytes, sharedMemoryBytes }: Supplies) {
  const isMissing = (state: ModuleState) => state === 'Loadable' || state === 'Absent';
  return {
    ...(memoryAvailableBytes === undefined ? {} : { memoryAvailableBytes }),
    sharedMemoryBytes,
    missingDevices: [...devices].flatMap(([path, isThere]) => (isThere ? [] : [path])),
    missingModules: [...modules].flatMap(([name, state]) => (isMissing(state) ? [name] : [])),
  } satisfies Partial<NodeFacts>;
}

/** x86 calls them flags, arm64 Features. */
function cpuFlagsIn(cpuinfo: string): ReadonlySet<string> {
  return new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1]?.split(' '));
}

async function text(host: Host, path: string): Promise<string | undefined> {
  const bytes = await host.read(path);
  return bytes && new TextDecoder().decode(bytes);
}
