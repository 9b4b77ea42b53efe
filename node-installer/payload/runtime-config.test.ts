import { describe, expect, it } from 'vitest';
import { namedFiles, relocateConfig } from './runtime-config.ts';

const named = (text: string) => namedFiles('c.toml', text, '/opt/kata');

describe('namedFiles()', () => {
  it('needs what a setting names, and only may have what a list allows', () => {
    const text = `
[hypervisor.qemu]
path = "/opt/kata/bin/qemu-system-x86_64"
kernel = "/opt/kata/share/kata-containers/vmlinux.container"
valid_hypervisor_paths = ["/opt/kata/bin/qemu-system-x86_64", "/opt/kata/bin/qemu-*"]
entropy_source = "/dev/urandom"
firmware = ""
default_vcpus = 1
[[hypervisor.qemu.guest_extension_images]]
path = "/opt/kata/share/extension.img"
[runtime]
experimental = []
`;
    expect(named(text)).toEqual({
      needed: ['bin/qemu-system-x86_64', 'share/kata-containers/vmlinux.container', 'share/extension.img'],
      possible: ['bin/qemu-system-x86_64', 'bin/qemu-*'],
    });
  });

  it.each([
    ['virtio-fs', ['libexec/virtiofsd'], []],
    ['virtio-fs-nydus', ['libexec/virtiofsd'], []],
    ['none', [], ['libexec/virtiofsd']],
    ['inline-virtio-fs', [], ['libexec/virtiofsd']],
  ])('needs virtiofsd or not with shared_fs = %s', (sharedFs, needed, possible) => {
    const text = `[hypervisor.qemu]\nshared_fs = "${sharedFs}"\nvirtio_fs_daemon = "/opt/kata/libexec/virtiofsd"\n`;
    expect(named(text)).toEqual({ needed, possible });
  });

  it('takes nothing from comments, other folders, or a folder of a longer name', () => {
    expect(named('# a = "/opt/kata/x"\nb = "/usr/bin/x"\nc = "/opt/kata-2/x"\n')).toEqual({ needed: [], possible: [] });
  });

  it('says which config is none', () => {
    expect(() => named('[hypervisor')).toThrow(/^Cannot use the config c\.toml of the payload: /);
  });
});

describe('relocateConfig()', () => {
  it('changes paths in the payload and nothing else', () => {
    const text = '# /opt/kata/a\nb = "/opt/kata/b" # c\nd = ["/opt/kata/d", "/opt/kata-2"]\n';
    expect(relocateConfig(text, '/opt/kata', '/opt/x/1')).toBe(
      '# /opt/x/1/a\nb = "/opt/x/1/b" # c\nd = ["/opt/x/1/d", "/opt/kata-2"]\n',
    );
  });
});
