import { describe, expect, it } from 'vitest';
import { detectDistribution } from './distributions.ts';

const traces = { osId: 'debian', enginePaths: ['/etc/containerd/config.toml'], markers: new Set<string>() };

describe('detectDistribution()', () => {
  it.each([
    ['k3s', { enginePaths: ['/var/lib/rancher/k3s/agent/etc/containerd/config.toml'] }, true],
    [
      'rke2',
      {
        enginePaths: ['/var/lib/rancher/rke2/agent/etc/containerd/config.toml', '/run/k3s/containerd/containerd.sock'],
      },
      true,
    ],
    [
      'rke2',
      { enginePaths: ['/data/agent/etc/containerd/config.toml'], markers: new Set(['/etc/rancher/rke2']) },
      true,
    ],
    ['k0s', { enginePaths: ['/etc/k0s/containerd.toml'] }, true],
    ['microk8s', { enginePaths: ['/var/snap/microk8s/1/args/containerd.toml'] }, true],
    ['talos', { osId: 'talos' }, false],
    ['bottlerocket', { osId: 'bottlerocket' }, false],
    ['kind', { markers: new Set(['/kind/version', '/etc/kubernetes/kubelet.conf']) }, true],
    ['kubeadm', { markers: new Set(['/etc/kubernetes/kubelet.conf']) }, true],
    ['kubernetes', {}, true],
  ])('finds %s', (name, change, isSupported) => {
    const found = detectDistribution({ ...traces, ...change });
    expect(found.name).toBe(name);
    expect(found.unwritableBecause === undefined).toBe(isSupported);
  });
});
