// Claims about which component of the catalogue a file belongs to.
import { describe, expect, it } from 'vitest';
import { kataEntries } from '../../test/archives/kata-archive.ts';
import { kataPayload } from '../../runtime/kata-payload.ts';
import { splitByComponent } from './split-by-component.ts';

const file = (path: string) => ({ path, sha256: '', sizeBytes: 0, mode: 0o644 });
const split = (...paths: string[]) => {
  const manifest = { family: 'kata', version: '1', arch: 'amd64' as const, files: paths.map(file), links: [] };
  return splitByComponent(manifest, kataPayload, 'rest').map(({ component, files }) => [
    component.name,
    ...files.map(({ path }) => path),
  ]);
};

describe('splitByComponent()', () => {
  it('tells Kata’s special builds from the plain ones', () => {
    const guest = 'share/kata-containers';
    expect(
      split(
        'bin/qemu-system-x86_64',
        'bin/qemu-system-x86_64-no-shared-fs',
        'share/kata-qemu-no-shared-fs/qemu/bios.bin',
        'share/kata-qemu/qemu/bios.bin',
        `${guest}/vmlinux-6.18.35-204`,
        `${guest}/vmlinux-6.18.35-204-debug`,
        `${guest}/vmlinuz-nvidia-gpu.container`,
        `${guest}/kata-containers-initrd.img`,
        `${guest}/kata-containers-confidential.img`,
        'share/ovmf/AMDSEV.fd',
        'share/ovmf/OVMF.fd',
        'bin/containerd-shim-kata-v2',
        'runtime-rs/bin/containerd-shim-kata-v2',
      ),
    ).toEqual([
      ['shim-rust', 'runtime-rs/bin/containerd-shim-kata-v2'],
      ['shim-go', 'bin/containerd-shim-kata-v2'],
      ['qemu-no-shared-fs', 'bin/qemu-system-x86_64-no-shared-fs', 'share/kata-qemu-no-shared-fs/qemu/bios.bin'],
      ['qemu', 'bin/qemu-system-x86_64', 'share/kata-qemu/qemu/bios.bin'],
      ['ovmf-sev', 'share/ovmf/AMDSEV.fd'],
      ['ovmf', 'share/ovmf/OVMF.fd'],
      ['kernel-debug', `${guest}/vmlinux-6.18.35-204-debug`],
      ['kernel-nvidia-gpu', `${guest}/vmlinuz-nvidia-gpu.container`],
      ['kernel', `${guest}/vmlinux-6.18.35-204`],
      ['guest-initrd', `${guest}/kata-containers-initrd.img`],
      ['guest-image', `${guest}/kata-containers-confidential.img`],
    ]);
  });

  it('knows the component of every file that the stand-in of a release has', () => {
    const names = ['kata-static', 'kata-go-static'] as const;
    const paths = names.flatMap((name) => kataEntries(name, '4.2.0').map(([path]) => path.slice('./opt/kata/'.length)));
    const rest = split(...paths).find(([name]) => name === 'rest');
    expect(new Set(rest)).toEqual(new Set(['rest', 'VERSION', 'versions.yaml']));
  });

  it('leaves nothing out of what the catalogue does not know', () => {
    expect(split('own/file', 'bin/firecracker')).toEqual([
      ['firecracker', 'bin/firecracker'],
      ['rest', 'own/file'],
    ]);
  });
});
