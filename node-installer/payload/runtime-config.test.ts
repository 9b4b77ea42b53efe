import { describe, expect, it } from 'vitest';
import { parse } from 'smol-toml';
import { additionsText, kubeletRootText, namedFiles, relocateConfig } from './runtime-config.ts';

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

describe('kubeletRootText()', () => {
  const told = (config: string) => kubeletRootText('c.toml', config, '/var/lib/k0s/kubelet');

  it('corrects a config that says where kubelet’s folder is', () => {
    expect(parse(told('[runtime]\nkubelet_root_dir = "/var/lib/kubelet"\n') ?? '')).toEqual({
      runtime: { kubelet_root_dir: '/var/lib/k0s/kubelet' },
    });
  });

  it('has nothing for one that is right, or says nothing of it', () => {
    expect(told('[runtime]\nkubelet_root_dir = "/var/lib/k0s/kubelet"\n')).toBeUndefined();
    expect(told('[runtime]\nname = "virt_container"\n')).toBeUndefined();
  });
});

describe('additionsText()', () => {
  const base = '[hypervisor.qemu]\nenable_annotations = ["a", "b"]\nkernel_params = "quiet quiet"\n';
  const added = (...additions: Parameters<typeof additionsText>[2]) =>
    parse(additionsText('c.toml', base, additions)) as unknown;

  it('adds to what is there, and makes what is not', () => {
    const qemu = ['hypervisor', 'qemu'];
    expect(
      added(
        { at: [...qemu, 'enable_annotations'], kind: 'list', values: ['b', 'c'] },
        { at: [...qemu, 'kernel_params'], kind: 'words', values: ['agent.log=debug'] },
        { at: ['runtime', 'experimental'], kind: 'list', values: ['force_guest_pull'] },
      ),
    ).toEqual({
      hypervisor: {
        qemu: { enable_annotations: ['a', 'b', 'c'], kernel_params: 'quiet quiet agent.log=debug' },
      },
      runtime: { experimental: ['force_guest_pull'] },
    });
  });
});
