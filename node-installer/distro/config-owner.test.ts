import { describe, expect, it } from 'vitest';
import { configOwner } from './config-owner.ts';

describe('configOwner()', () => {
  it.each([
    ['K3s', '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'],
    ['RKE2', '/var/lib/rancher/rke2/agent/etc/containerd/config.toml'],
    ['K3s with another data folder', '/data/agent/etc/containerd/config.toml'],
  ])('knows %s by the path of its config', (_, path) => {
    const folder = path.replace('/config.toml', '');
    expect(configOwner(path)?.templates.map((template) => template.path)).toEqual([
      `${folder}/config-v3.toml.tmpl`,
      `${folder}/config.toml.tmpl`,
    ]);
    expect(configOwner(path)?.dropInFolders).toEqual([`${folder}/config-v3.toml.d`, `${folder}/config.toml.d`]);
  });

  it('adds no imports to a template, which what is built in may have as well', () => {
    const owner = configOwner('/var/lib/rancher/k3s/agent/etc/containerd/config.toml');
    expect(owner?.templates.every(({ initial }) => !/^imports/m.test(initial))).toBe(true);
  });

  it.each(['/etc/containerd/config.toml', '/etc/etc/containerd/config.toml'])('leaves %s to the admin', (path) => {
    expect(configOwner(path)).toBeUndefined();
  });
});
