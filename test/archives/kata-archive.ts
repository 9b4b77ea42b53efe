// Archives laid out as Kata's releases since 4.1: real names, links and config keys; every program and image is a stand-in.
// *Source*: kata-containers 4.1.0, kata-release-tarball-inputs.sh (what is in which archive), the configs' .toml.in files and
// the Makefiles that fill them in.
import { kataComponents } from '../../runtime/kata-components.ts';
import { kataVariants } from '../../runtime/kata-variants.ts';
import type { Entries } from './make-archive.ts';

const share = 'share/kata-containers';
const kernel = 'vmlinux-6.18.35-204';
const program = (what: string) => `#!/bin/sh\necho "a stand-in for ${what}"\n`;
const link = (linkname: string) => ({ type: 'symlink', linkname }) as const;
const image = (name: string, sizeBytes: number) => Buffer.alloc(sizeBytes, `${name} `);

/** By component, as `[path, content]`. */
const components: Readonly<Record<string, Entries>> = {
  qemu: [
    ['bin/qemu-system-x86_64', program('QEMU')],
    ['share/kata-qemu/qemu/bios-256k.bin', image('bios', 256 * 1024)],
    ['share/kata-qemu/qemu/firmware/60-edk2-x86_64.json', '{}'],
  ],
  'qemu-no-shared-fs': [
    ['bin/qemu-system-x86_64-no-shared-fs', program('QEMU')],
    ['share/kata-qemu-no-shared-fs/qemu/bios-256k.bin', image('bios', 256 * 1024)],
  ],
  'qemu-snp-experimental': [
    ['bin/qemu-system-x86_64-snp-experimental', program('QEMU')],
    ['share/kata-qemu-snp-experimental/qemu/bios-256k.bin', image('bios', 256 * 1024)],
  ],
  'qemu-tdx-experimental': [
    ['bin/qemu-system-x86_64-tdx-experimental', program('QEMU')],
    ['share/kata-qemu-tdx-experimental/qemu/bios-256k.bin', image('bios', 256 * 1024)],
  ],
  'cloud-hypervisor': [['bin/cloud-hypervisor', program('Cloud Hypervisor')]],
  openvmm: [['bin/openvmm', program('OpenVMM')]],
  firecracker: [
    ['bin/firecracker', program('Firecracker')],
    ['bin/jailer', program('the jailer')],
  ],
  virtiofsd: [['libexec/virtiofsd', program('virtiofsd')]],
  nydus: [['libexec/nydusd', program('nydusd')]],
  kernel: [
    [`${share}/${kernel}`, image('kernel', 400_000)],
    [`${share}/vmlinux.container`, link(kernel)],
    [`${share}/vmlinuz-6.18.35-204`, image('compressed kernel', 200_000)],
    [`${share}/vmlinuz.container`, link('vmlinuz-6.18.35-204')],
  ],
  'kernel-debug': [
    [`${share}/vmlinux-6.18.35-204-debug`, image('debug kernel', 1_500_000)],
    [`${share}/vmlinux-debug.container`, link('vmlinux-6.18.35-204-debug')],
  ],
  'kernel-dragonball-experimental': [
    [`${share}/vmlinux-6.18.35-204-dragonball-experimental`, image('dragonball kernel', 400_000)],
    [`${share}/vmlinux-dragonball-experimental.container`, link('vmlinux-6.18.35-204-dragonball-experimental')],
  ],
  'kernel-nvidia-gpu': [
    [`${share}/vmlinuz-6.18.35-204-nvidia-gpu`, image('nvidia kernel', 400_000)],
    [`${share}/vmlinuz-nvidia-gpu.container`, link('vmlinuz-6.18.35-204-nvidia-gpu')],
  ],
  'rootfs-image': [
    [`${share}/kata-ubuntu-noble.image`, image('rootfs', 1_000_000)],
    [`${share}/kata-containers.img`, link('kata-ubuntu-noble.image')],
  ],
  'rootfs-initrd': [
    [`${share}/kata-alpine-3.22.initrd`, image('initrd', 500_000)],
    [`${share}/kata-containers-initrd.img`, link('kata-alpine-3.22.initrd')],
  ],
  'rootfs-image-confidential': [
    [`${share}/kata-ubuntu-noble-confidential.image`, image('confidential rootfs', 1_200_000)],
    [`${share}/kata-containers-confidential.img`, link('kata-ubuntu-noble-confidential.image')],
  ],
  'rootfs-image-coco-extension': [[`${share}/kata-containers-coco-extension.img`, image('coco', 600_000)]],
  'rootfs-image-mariner': [[`${share}/kata-containers-mariner.img`, image('mariner', 1_000_000)]],
  'rootfs-image-nvidia': [[`${share}/kata-containers-nvidia.img`, image('nvidia', 900_000)]],
  'rootfs-image-nvidia-gpu': [[`${share}/kata-containers-nvidia-gpu.img`, image('nvidia gpu', 1_900_000)]],
  'rootfs-image-nvidia-gpu-extension': [[`${share}/kata-containers-nvidia-gpu-extension.img`, image('gpu', 900_000)]],
  'rootfs-image-nvidia-gpu-confidential': [
    [`${share}/kata-containers-nvidia-gpu-confidential.img`, image('confidential gpu', 1_900_000)],
  ],
  ovmf: [['share/ovmf/OVMF.fd', image('ovmf', 300_000)]],
  'ovmf-sev': [['share/ovmf/AMDSEV.fd', image('sev', 300_000)]],
  'ovmf-tdx': [['share/ovmf/OVMF.inteltdx.fd', image('tdx', 300_000)]],
};

/** As upstream's list has it, of a few components. */
const versionsYaml = `---
assets:
  hypervisor:
    cloud_hypervisor:
      url: "https://github.com/cloud-hypervisor/cloud-hypervisor"
      version: "v51.1"
    qemu:
      url: "https://github.com/qemu/qemu"
      version: "v11.0.1"
`;

const root = '/opt/kata';
const at = (path: string) => `${root}/${path}`;

/** What the config of a variant names, by the component that brings it. */
function pathsOf(name: string, parts: readonly string[]) {
  const has = (part: string) => parts.includes(part);
  const qemu = parts.find((part) => part.startsWith('qemu'));
  const suffix = qemu && qemu !== 'qemu' ? qemu.slice('qemu'.length) : '';
  const hypervisor = qemu
    ? `bin/qemu-system-x86_64${suffix}`
    : has('firecracker')
      ? 'bin/firecracker'
      : parts.find((part) => part === 'cloud-hypervisor' || part === 'openvmm')?.replace(/^/, 'bin/');
  const images = ['confidential', 'nvidia-gpu-confidential', 'nvidia-gpu', 'nvidia', 'mariner'];
  const special = images.find((each) => has(`rootfs-image-${each}`));
  const kernels = { nvidia: 'vmlinuz-nvidia-gpu', dragonball: 'vmlinux-dragonball-experimental' };
  const kernelName = has('kernel-nvidia-gpu') ? kernels.nvidia : name === 'dragonball' ? kernels.dragonball : 'vmlinux';
  const firmware = [
    ['ovmf-sev', 'AMDSEV'],
    ['ovmf-tdx', 'OVMF.inteltdx'],
    ['ovmf', 'OVMF'],
  ].find(([part = '']) => has(part))?.[1];
  return {
    hypervisor: hypervisor && at(hypervisor),
    kernel: name.includes('azure') ? '/usr/share/cloud-hypervisor/vmlinux.bin' : at(`${share}/${kernelName}.container`),
    image: at(`${share}/kata-containers${special === undefined ? '' : `-${special}`}.img`),
    firmware: firmware === undefined ? '' : at(`share/ovmf/${firmware}.fd`),
    extensions: parts.filter((part) => part.endsWith('-extension')).map((part) => part.replace('rootfs-image-', '')),
    sharedFs: has('virtiofsd') ? 'virtio-fs' : 'none',
  };
}

const hypervisors = { clh: 'clh', fc: 'firecracker', dragonball: 'dragonball', openvmm: 'openvmm', remote: 'remote' };

function configOf(name: string, parts: readonly string[], isRust: boolean): string {
  const paths = pathsOf(name, parts);
  const table = Object.entries(hypervisors).find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'qemu';
  const annotations = ['enable_iommu', 'kernel_params', 'kernel_verity_params'];
  const allowed = isRust ? [...annotations, 'default_vcpus', 'default_memory'] : annotations;
  const own =
    name === 'remote'
      ? 'remote_hypervisor_socket = "/run/peerpod/hypervisor.sock"\n'
      : `path = ${JSON.stringify(paths.hypervisor ?? '')}
kernel = ${JSON.stringify(paths.kernel)}
image = ${JSON.stringify(paths.image)}
# initrd = "${at(`${share}/kata-containers-initrd.img`)}"
rootfs_type = "ext4"
firmware = ${JSON.stringify(paths.firmware)}
valid_hypervisor_paths = ${JSON.stringify(paths.hypervisor ? [paths.hypervisor] : [])}
shared_fs = "${paths.sharedFs}"
virtio_fs_daemon = "${at('libexec/virtiofsd')}"
valid_virtio_fs_daemon_paths = ["${at('libexec/virtiofsd')}"]
${name === 'fc' ? `jailer_path = "${at('bin/jailer')}"\nvalid_jailer_paths = ["${at('bin/jailer')}"]\n` : ''}`;
  return `# A stand-in for ${name}'s configuration, with its keys.
[hypervisor.${table}]
${own}enable_annotations = ${JSON.stringify(allowed)}
kernel_params = "quiet"
default_vcpus = 1
default_memory = 2048
entropy_source = "/dev/urandom"
enable_debug = false

[agent.kata]
enable_debug = false
${isRust ? 'dial_timeout_ms = 10' : 'dial_timeout = 45'}

[runtime]
enable_debug = false
sandbox_cgroup_only = ${String(isRust)}
experimental = []
${paths.extensions.map((each) => extension(table, each)).join('')}`;
}

function extension(table: string, name: string): string {
  return `
[[hypervisor.${table}.guest_extension_images]]
name = "${name.replace('-extension', '')}"
path = "${at(`${share}/kata-containers-${name}.img`)}"
`;
}

/** Everything for amd64, in the archive for Kata's Rust shim (`kata-static`) or the one for its Go shim (`kata-go-static`). */
export function kataEntries(archive: 'kata-static' | 'kata-go-static', version: string): Entries {
  const isRust = archive === 'kata-static';
  const names = kataVariants.flatMap(({ name, archives, handler }) => {
    return archives?.includes(archive) && handler.arches?.includes('amd64') ? [name] : [];
  });
  const parts = new Set(names.flatMap((name) => kataComponents[name]?.amd64 ?? []));
  const configs = `share/defaults/kata-containers${isRust ? '/runtime-rs' : ''}`;
  const shim: Entries = [
    [`${isRust ? 'runtime-rs/' : ''}bin/containerd-shim-kata-v2`, program(`the shim of ${archive}`)],
    ...(isRust ? [] : ([['bin/kata-runtime', program('kata-runtime')]] as const)),
    // In the Rust archive it leads nowhere.
    ['share/defaults/kata-containers/configuration.toml', link('configuration-qemu.toml')],
    ['VERSION', `${version}\n`],
    ['versions.yaml', versionsYaml],
  ];
  const files = [
    ...shim,
    ...[...parts].flatMap((part) => components[part] ?? []),
    ...names.map(
      (name) =>
        [`${configs}/configuration-${name}.toml`, configOf(name, kataComponents[name]?.amd64 ?? [], isRust)] as const,
    ),
  ];
  return files.map(([path, content]) => [`.${root}/${path}`, content]);
}
