// Kata's variants as handlers: shim, config file, hypervisor, snapshotter, overhead and what each needs of a node.
// *Source*: kata-containers 4.1.0: the chart's values.yaml and templates/runtimeclasses.yaml, kata-deploy's runtime/containerd.rs
// (the engine's table), runtime-rs and Go configs (guest memory), docs on host modules.
import type { NodeNeeds } from '../crds/node-needs.ts';
import { folderPlaceholder, handlerPlaceholder } from '../crds/node-task.ts';
import type { Variant } from './family.ts';
import { filesNamedBy, kataComponents, qemuData } from './kata-components.ts';
import type { KataShim } from './kata-keys.ts';
import { kataOptions } from './kata-options.ts';

/** What Kata's files believe to lie in. QEMU has it compiled in. */
export const kataRoot = '/opt/kata';

const kvm: Partial<NodeNeeds> = { virtualization: 'Required', minKernel: '5.10' };
/** QEMU alone uses the kernel's vsock; the others bring their own. */
const qemuNeeds: Partial<NodeNeeds> = {
  ...kvm,
  devices: ['/dev/vhost-vsock', '/dev/vhost-net'],
  modules: ['vhost_vsock', 'vhost_net'],
};
/**
 * `default_memory` of the variants whose guests share files by virtio-fs: QEMU keeps their memory in /dev/shm, and no other.
 * *Source*: `shared_fs` in each config; runtime/virtcontainers/qemu.go and runtime-rs' qemu/cmdline_generator.rs.
 */
const sharedMemoryMiB: Readonly<Record<string, number>> = {
  qemu: 2048,
  'qemu-runtime-rs': 2048,
  'qemu-nvidia-cpu': 2048,
  'qemu-nvidia-gpu': 8192,
};

type Kind = {
  /** Name of the table below `hypervisor` in the config. */
  readonly hypervisor: string;
  readonly overhead: Readonly<Record<string, string>>;
  readonly needs: Partial<NodeNeeds>;
  readonly snapshotter?: string;
};

/** The guest's images are pulled inside the guest, which this snapshotter arranges. */
const nydus = 'nydus';
const small = { memory: '130Mi', cpu: '250m' };
/** QEMU's own memory counts in the pod's cgroup. */
const qemuOverhead = { memory: '320Mi', cpu: '250m' };
const tee = { memory: '2048Mi', cpu: '1' };
const gpu = { memory: '10240Mi', cpu: '1' };
const qemu: Kind = { hypervisor: 'qemu', overhead: qemuOverhead, needs: qemuNeeds };
const clh: Kind = { hypervisor: 'clh', overhead: small, needs: kvm };
const confidential = { hypervisor: 'qemu', snapshotter: nydus };
const snp: Kind = {
  ...confidential,
  overhead: tee,
  needs: { ...qemuNeeds, devices: ['/dev/sev', ...(qemuNeeds.devices ?? [])] },
};
const tdx: Kind = { ...confidential, overhead: tee, needs: { ...qemuNeeds, cpuFlags: ['tdx_host_platform'] } };
const azure: Kind = {
  hypervisor: 'clh',
  overhead: small,
  needs: { virtualization: 'Ignored', devices: ['/dev/mshv'] },
};

const kinds: Readonly<Record<string, Kind>> = {
  qemu,
  clh,
  fc: { hypervisor: 'firecracker', overhead: small, needs: kvm, snapshotter: 'devmapper' },
  dragonball: { hypervisor: 'dragonball', overhead: small, needs: kvm },
  remote: { hypervisor: 'remote', overhead: { memory: '120Mi', cpu: '250m' }, needs: {}, snapshotter: nydus },
  'clh-azure': azure,
  'openvmm-azure': { ...azure, hypervisor: 'openvmm' },
  'qemu-snp': snp,
  'qemu-tdx': tdx,
  'qemu-se': { ...confidential, overhead: { memory: '1024Mi', cpu: '1' }, needs: qemuNeeds },
  'qemu-coco-dev': { ...confidential, overhead: { memory: '160Mi', cpu: '250m' }, needs: qemuNeeds },
  'qemu-nvidia-cpu': qemu,
  'qemu-nvidia-gpu': { ...qemu, overhead: gpu },
  'qemu-nvidia-gpu-snp': { ...snp, overhead: gpu },
  'qemu-nvidia-gpu-tdx': { ...tdx, overhead: gpu },
};

const rustOverheads: Readonly<Record<string, Kind['overhead']>> = { 'qemu-coco-dev': qemuOverhead };
const rustSuffix = '-runtime-rs';
/** The Rust shim's without the suffix, as it is the only one for them. */
const rustOnly = ['dragonball'];

/** RuntimeClasses that workloads name already, for a payload that has the Rust shim alone. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  'qemu-runtime-rs': ['kata', 'kata-qemu'],
  'clh-runtime-rs': ['kata-clh'],
};

export const kataVariants: readonly Variant[] = Object.keys(kataComponents).map(variantOf);

function variantOf(name: string): Variant {
  const shim: KataShim = name.endsWith(rustSuffix) || rustOnly.includes(name) ? 'rust' : 'go';
  const base = name.endsWith(rustSuffix) ? name.slice(0, -rustSuffix.length) : name;
  const kind = kinds[base];
  if (!kind) throw new Error(`Cannot describe the variant ${name}: nothing is known of ${base}.`);
  const folder = `share/defaults/kata-containers${shim === 'rust' ? '/runtime-rs' : ''}`;
  const file = `configuration-${name}.toml`;
  const config = { from: `${folder}/${file}`, to: `${folder}/runtimes/${handlerPlaceholder}/${file}` };
  const runtimePath = `${shim === 'rust' ? 'runtime-rs/' : ''}bin/containerd-shim-kata-v2`;
  return {
    name,
    handlerName: `kata-${name}`,
    archives: [shim === 'rust' ? 'kata-static' : 'kata-go-static'],
    aliases: aliases[name] ?? [],
    handler: {
      runtimeType: `io.containerd.kata-${name}.v2`,
      runtimePath,
      options: { ConfigPath: `${folderPlaceholder}/${config.to}` },
      podAnnotations: ['io.katacontainers.*'],
      containerAnnotations: ['io.kubernetes.container.terminationMessage*'],
      privilegedWithoutHostDevices: true,
      ...(kind.snapshotter === undefined ? {} : { snapshotter: kind.snapshotter }),
      // What containerd's nydus snapshotter arranges, CRI-O does by itself.
      ...(kind.snapshotter === nydus ? { pullsInGuest: true } : {}),
      requires: [runtimePath],
      expects: filesNamedBy(name),
      config,
      arches: Object.keys(kataComponents[name] ?? {}),
      ...qemuDataOf(name),
    },
    overhead: (shim === 'rust' && rustOverheads[base]) || kind.overhead,
    options: kataOptions(kind.hypervisor, shim),
    needs: kind.needs,
    ...sharedMemoryOf(name, kind.hypervisor),
  };
}

function sharedMemoryOf(name: string, hypervisor: string): Pick<Variant, 'sharedMemory'> {
  const defaultMiB = sharedMemoryMiB[name];
  return defaultMiB === undefined
    ? {}
    : { sharedMemory: { at: ['hypervisor', hypervisor, 'default_memory'], defaultMiB } };
}

/**
 * QEMU looks for its firmware where it was built for (`--disable-relocatable`), but first below `qemu-bundle` beside its binary.
 * *Source*: QEMU `cutils.c` (`get_relocated_path`), as siderolabs' extensions use it.
 */
function qemuDataOf(name: string): Pick<Variant['handler'], 'brings' | 'links'> {
  const components = new Set(Object.values(kataComponents[name] ?? {}).flat());
  const data = [...components].flatMap((component) => qemuData[component] ?? []);
  if (data.length === 0) return {};
  return {
    brings: data.map((folder) => `share/${folder}/qemu`),
    links: data.map((folder) => ({
      path: `bin/qemu-bundle${kataRoot}/share/${folder}/qemu`,
      target: `../../../../../../share/${folder}/qemu`,
    })),
  };
}
