// Observes a node: everything that the probe and the preflight report. It judges nothing.
import type { NodeFacts, VirtualizationFacts } from '../../crds/node-facts.ts';
import type { NodeNeeds } from '../../crds/node-needs.ts';
import { hostPaths } from '../../crds/names.ts';
import { detectDistribution, type Distribution, markerPaths } from '../distro/distributions.ts';
import { virtualizationFrom } from '../distro/virtualization.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { neededModules } from './kernel-needs.ts';
import { engineFactsOf, type ObservedEngine, observeEngine } from './observe-engine.ts';
import { observeSupplies, supplyFactsOf, type Supplies } from './observe-supplies.ts';

export type ObservedNode = {
  readonly facts: NodeFacts;
  readonly distribution: Distribution;
  readonly engine?: ObservedEngine;
  readonly processes: readonly HostProcess[];
  readonly supplies: Supplies;
};

/** `needs`: what to look for beyond what every node is asked. */
export async function observeNode(host: Host, needs: NodeNeeds = { virtualization: 'Ignored' }): Promise<ObservedNode> {
  const processes = await host.processes();
  const engine = await observeEngine(host, processes);
  const release = parseOsRelease(
    (await text(host, '/etc/os-release')) ?? (await text(host, '/usr/lib/os-release')) ?? '',
  );
  const distribution = await observeDistribution(host, release.get('ID') ?? '', engine);
  const kernel = (await text(host, '/proc/sys/kernel/osrelease'))?.trim() ?? 'unknown';
  const virtualization = await observeVirtualization(host);
  const supplies = await observeSupplies(host, kernel, {
    devices: needs.devices ?? [],
    modules: neededModules(needs, virtualization),
  });
  const facts: NodeFacts = {
    arch: host.arch,
    kernel,
    os: release.get('PRETTY_NAME') ?? 'unknown',
    distribution: distribution.name,
    cgroupVersion: (await host.stat('/sys/fs/cgroup/cgroup.controllers')) ? 2 : 1,
    selinux: await observeSelinux(host),
    ...(engine ? { engine: engineFactsOf(engine) } : {}),
    virtualization,
    freeDiskBytes: await host.freeBytes(hostPaths.prefix),
    ...supplyFactsOf(supplies),
  };
  return { facts, distribution, ...(engine ? { engine } : {}), processes, supplies };
}

async function observeVirtualization(host: Host): Promise<VirtualizationFacts> {
  return virtualizationFrom({
    arch: host.arch,
    cpuinfo: (await text(host, '/proc/cpuinfo')) ?? '',
    device: await host.openDevice('/dev/kvm'),
    deviceIsThere: (await host.stat('/dev/kvm')) !== undefined,
  });
}

async function observeDistribution(
  host: Host,
  osId: string,
  engine: ObservedEngine | undefined,
): Promise<Distribution> {
  const stats = await Promise.all(markerPaths.map(async (path) => ((await host.stat(path)) ? [path] : [])));
  const enginePaths = engine
    ? [engine.configPath, engine.socket, ...(engine.process.exe ? [engine.process.exe] : [])]
    : [];
  return detectDistribution({ osId, enginePaths, markers: new Set(stats.flat()) });
}

async function observeSelinux(host: Host): Promise<NodeFacts['selinux']> {
  const enforce = await text(host, '/sys/fs/selinux/enforce');
  if (enforce === undefined) return 'disabled';
  return enforce.trim() === '1' ? 'enforcing' : 'permissive';
}

/** *Source*: os-release(5): shell assignments, values quoted or not. */
function parseOsRelease(release: string): Map<string, string> {
  const lines = [...release.matchAll(/^(\w+)=(["']?)(.*)\2$/gm)];
  return new Map(lines.map(([, key = '', , value = '']) => [key, value]));
}

async function text(host: Host, path: string): Promise<string | undefined> {
  const bytes = await host.read(path);
  return bytes && new TextDecoder().decode(bytes);
}
