import { describe, expect, it } from 'vitest';
import { configOwner } from './config-owner.ts';

describe('configOwner()', () => {
  it.each([
    ['K3s', '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'],
    ['RKE2', '/var/lib/rancher/rke2/agent/etc/containerd/config.toml'],
    ['K3s with another data folder', '/data/agent/etc/containerd/config.toml'],
  ])('knows %s by the path of its config', (_, path) => {
    const folder = path.replace('/config.toml', '');
    const owner = configOwner(path, '');
    expect(owner?.templates.map((template) => template.path)).toEqual([
      `${folder}/config-v3.toml.tmpl`,
      `${folder}/config.toml.tmpl`,
    ]);
    expect(owner?.dropInFolders).toEqual([`${folder}/config-v3.toml.d`, `${folder}/config.toml.d`]);
  });

  it('adds no imports to a template of K3s, which what is built in may have as well', () => {
    const owner = configOwner('/var/lib/rancher/k3s/agent/etc/containerd/config.toml', '');
    expect(owner?.templates.map(({ initial }) => initial)).toEqual([
      expect.not.stringMatching(/^imports/m),
      expect.not.stringMatching(/^imports/m),
    ]);
  });

  it('knows the folder of a revision of MicroK8s', () => {
    const owner = configOwner('/var/snap/microk8s/8765/args/containerd.toml', '');
    expect(owner?.templates).toEqual([{ path: '/var/snap/microk8s/8765/args/containerd-template.toml', schema: 2 }]);
  });

  it('leaves the root of k0s to whoever took the mark out of it', () => {
    expect(configOwner('/etc/k0s/containerd.toml', '# k0s_managed=true\nversion = 3\n')?.dropInFolders).toEqual([
      '/etc/k0s/containerd.d',
    ]);
    expect(configOwner('/etc/k0s/containerd.toml', '# k0s_managed=false\nversion = 3\n')).toBeUndefined();
  });

  it.each(['/etc/containerd/config.toml', '/etc/etc/containerd/config.toml'])('leaves %s to the admin', (path) => {
    expect(configOwner(path, '')).toBeUndefined();
  });
});
