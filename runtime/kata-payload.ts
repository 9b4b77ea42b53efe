// What Kata's payloads are made of: whose files they are, on which terms, and where Kata's own list has their versions.
// *Source*: the paths that kata-containers 4.1.0 installs to (tools/packaging), its versions.yaml, and each project's own
// statement of its licence (LICENSE, Cargo.toml).
import type { Component } from './family.ts';

const apache = 'Apache-2.0';
const rustVmm = 'Apache-2.0 AND BSD-3-Clause';
const gpl2 = 'GPL-2.0-only';
const edk2 = 'BSD-2-Clause-Patent';

const hypervisor = (name: string) => ['assets', 'hypervisor', name];
const external = (...names: string[]) => ['externals', ...names];

/** QEMU's special builds have their own suffix in both places. */
const qemu = (suffix: string, listedAt: readonly string[]): Component => ({
  name: `qemu${suffix}`,
  paths: [new RegExp(`^bin/qemu-system-[a-z0-9_]+${suffix}$`), new RegExp(`^share/kata-qemu${suffix}/`)],
  license: gpl2,
  listedAt,
});

const guestKernel = (suffix: string, listedAt: readonly string[]): Component => ({
  name: `kernel${suffix}`,
  paths: [
    new RegExp(`^share/kata-containers/(vmlinu[xz]|config)-.*${suffix}$`),
    new RegExp(`^share/kata-containers/vmlinu[xz]${suffix}\\.container$`),
  ],
  license: gpl2,
  listedAt,
});

/** A Linux distribution with Kata's agent: each package in it has a licence of its own. */
const guestImage = (name: string, path: RegExp): Component => ({ name, paths: [path] });

export const kataPayload: readonly Component[] = [
  { name: 'shim-rust', paths: [/^runtime-rs\//], license: apache },
  { name: 'shim-go', paths: [/^bin\/(containerd-shim-kata-v2|kata-[a-z-]+(\.sh)?)$/], license: apache },
  qemu('-no-shared-fs', hypervisor('qemu')),
  qemu('-snp-experimental', hypervisor('qemu-snp-experimental')),
  qemu('-tdx-experimental', hypervisor('qemu-tdx-experimental')),
  qemu('', hypervisor('qemu')),
  {
    name: 'cloud-hypervisor',
    paths: [/^bin\/cloud-hypervisor/],
    license: rustVmm,
    listedAt: hypervisor('cloud_hypervisor'),
  },
  { name: 'firecracker', paths: [/^bin\/(firecracker|jailer)$/], license: apache, listedAt: hypervisor('firecracker') },
  { name: 'openvmm', paths: [/^bin\/openvmm/], license: 'MIT', listedAt: hypervisor('openvmm') },
  { name: 'virtiofsd', paths: [/^libexec\/virtiofsd$/], license: rustVmm, listedAt: external('virtiofsd') },
  { name: 'nydus', paths: [/^libexec\/nydus/], license: 'Apache-2.0 OR BSD-3-Clause', listedAt: external('nydus') },
  { name: 'ovmf-sev', paths: [/^share\/ovmf\/AMDSEV/], license: edk2, listedAt: external('ovmf', 'sev') },
  { name: 'ovmf-tdx', paths: [/^share\/ovmf\/OVMF\.inteltdx/], license: edk2, listedAt: external('ovmf', 'tdx') },
  { name: 'ovmf', paths: [/^share\/ovmf\//], license: edk2, listedAt: external('ovmf', 'x86_64') },
  { name: 'aavmf', paths: [/^share\/aavmf\//], license: edk2, listedAt: external('ovmf', 'arm64') },
  guestKernel('-debug', ['assets', 'kernel']),
  guestKernel('-dragonball-experimental', ['assets', 'kernel-dragonball-experimental']),
  guestKernel('-nvidia-gpu', ['assets', 'kernel', 'nvidia']),
  guestKernel('', ['assets', 'kernel']),
  guestImage('guest-initrd', /^share\/kata-containers\/.*initrd[^/]*$/),
  guestImage('guest-image', /^share\/kata-containers\/.*(\.image|\.img)$/),
  { name: 'configs', paths: [/^share\/defaults\//], license: apache },
];
