// What Kata's variants are made of, per architecture.
// *Source*: tools/packaging/kata-deploy/shim-components.json of kata-containers 4.1.0, whose architectures are those that the
// payload has files for; the chart offers fewer.

type Arch = 'amd64' | 'arm64' | 's390x' | 'ppc64le';

/** Components that bring files which no config names: QEMU's firmware and ROMs. */
export const qemuData: Readonly<Record<string, string>> = {
  qemu: 'kata-qemu',
  'qemu-no-shared-fs': 'kata-qemu-no-shared-fs',
  'qemu-snp-experimental': 'kata-qemu-snp-experimental',
  'qemu-tdx-experimental': 'kata-qemu-tdx-experimental',
};

/** What configs name of components, with their links' destinations; `*` stands for versions. A guess at most misses one. */
const namedFiles: Readonly<Record<string, readonly string[]>> = {
  qemu: ['bin/qemu-system-*'],
  'qemu-no-shared-fs': ['bin/qemu-system-*-no-shared-fs'],
  'qemu-snp-experimental': ['bin/qemu-system-*-snp-experimental'],
  'qemu-tdx-experimental': ['bin/qemu-system-*-tdx-experimental'],
  'cloud-hypervisor': ['bin/cloud-hypervisor'],
  openvmm: ['bin/openvmm'],
  firecracker: ['bin/firecracker', 'bin/jailer'],
  virtiofsd: ['libexec/virtiofsd'],
  kernel: ['share/kata-containers/vmlinux-*-*'],
  'kernel-dragonball-experimental': ['share/kata-containers/vmlinux-*-*-dragonball-experimental'],
  'kernel-nvidia-gpu': ['share/kata-containers/vmlinuz-*-*-nvidia-gpu'],
  'rootfs-image': ['share/kata-containers/kata-*-*.image'],
  'rootfs-image-confidential': ['share/kata-containers/kata-*-*-confidential.image'],
};

export function filesNamedBy(variant: string): string[] {
  const components = new Set(Object.values(kataComponents[variant] ?? {}).flat());
  return [...components].flatMap((component) => namedFiles[component] ?? []);
}

const guest = ['kernel', 'kernel-debug', 'rootfs-image', 'rootfs-initrd'];
const shared = ['virtiofsd', 'nydus'];
const z = ['qemu', 'virtiofsd', 'kernel', 'rootfs-image', 'rootfs-initrd'];
const azure = ['virtiofsd', 'kernel', 'kernel-debug', 'rootfs-image-mariner'];
const both = (components: readonly string[]) => ({ amd64: components, arm64: components });
const qemu = {
  amd64: ['qemu', ...shared, ...guest],
  arm64: ['qemu', ...shared, ...guest, 'ovmf'],
  s390x: z,
  ppc64le: ['qemu', 'virtiofsd', 'kernel', 'rootfs-initrd'],
};
const cocoRust = ['qemu', 'kernel', 'kernel-debug', 'rootfs-image', 'rootfs-image-coco-extension'];
const teeRust = ['qemu', 'kernel', 'rootfs-image', 'rootfs-image-coco-extension'];
const gpuTee = ['kernel-nvidia-gpu', 'rootfs-image-nvidia-gpu-confidential'];
const gpuTeeRust = [
  'kernel-nvidia-gpu',
  'rootfs-image-nvidia',
  'rootfs-image-nvidia-gpu-extension',
  'rootfs-image-coco-extension',
];

/** By variant, without the shim, which every one has. */
export const kataComponents: Readonly<Record<string, Readonly<Partial<Record<Arch, readonly string[]>>>>> = {
  qemu,
  'qemu-runtime-rs': qemu,
  clh: both(['cloud-hypervisor', ...shared, ...guest]),
  'clh-runtime-rs': both(['cloud-hypervisor', ...shared, ...guest]),
  'clh-azure': { amd64: ['cloud-hypervisor', ...azure] },
  'clh-azure-runtime-rs': { amd64: ['cloud-hypervisor', ...azure] },
  'openvmm-azure-runtime-rs': { amd64: ['openvmm', ...azure] },
  dragonball: both([...shared, 'kernel-dragonball-experimental', 'rootfs-image', 'rootfs-initrd']),
  fc: both(['firecracker', ...guest]),
  remote: { amd64: [], s390x: [], ppc64le: [] },
  'qemu-snp': { amd64: ['qemu', 'kernel', 'rootfs-image-confidential', 'ovmf-sev'] },
  'qemu-snp-runtime-rs': { amd64: [...teeRust, 'ovmf-sev'] },
  'qemu-tdx': { amd64: ['qemu', 'kernel', 'rootfs-image-confidential', 'ovmf-tdx'] },
  'qemu-tdx-runtime-rs': { amd64: [...teeRust, 'ovmf-tdx'] },
  'qemu-se': { s390x: ['qemu', 'virtiofsd', 'kernel', 'rootfs-initrd-confidential', 'boot-image-se'] },
  'qemu-se-runtime-rs': {
    s390x: ['qemu', 'virtiofsd', 'kernel', 'rootfs-initrd', 'rootfs-image-coco-extension', 'boot-image-se-runtime-rs'],
  },
  'qemu-coco-dev': {
    amd64: ['qemu', 'kernel', 'kernel-debug', 'rootfs-image-confidential'],
    s390x: ['qemu', 'kernel', 'rootfs-image-confidential'],
  },
  'qemu-coco-dev-runtime-rs': { amd64: cocoRust, arm64: [...cocoRust, 'ovmf'], s390x: teeRust },
  'qemu-nvidia-cpu': both(['qemu', 'virtiofsd', 'kernel-nvidia-gpu', 'rootfs-image-nvidia']),
  'qemu-nvidia-cpu-runtime-rs': both(['qemu-no-shared-fs', 'kernel-nvidia-gpu', 'rootfs-image-nvidia']),
  'qemu-nvidia-gpu': { amd64: ['qemu', 'virtiofsd', 'kernel-nvidia-gpu', 'rootfs-image-nvidia-gpu', 'ovmf'] },
  'qemu-nvidia-gpu-runtime-rs': {
    amd64: [
      'qemu-no-shared-fs',
      'kernel-nvidia-gpu',
      'rootfs-image-nvidia',
      'rootfs-image-nvidia-gpu-extension',
      'ovmf',
    ],
  },
  'qemu-nvidia-gpu-snp': { amd64: ['qemu-snp-experimental', ...gpuTee, 'ovmf-sev'] },
  'qemu-nvidia-gpu-snp-runtime-rs': { amd64: ['qemu-snp-experimental', ...gpuTeeRust, 'ovmf-sev'] },
  'qemu-nvidia-gpu-tdx': { amd64: ['qemu-tdx-experimental', ...gpuTee, 'ovmf-tdx'] },
  'qemu-nvidia-gpu-tdx-runtime-rs': { amd64: ['qemu-tdx-experimental', ...gpuTeeRust, 'ovmf-tdx'] },
};
