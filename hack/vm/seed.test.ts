// What a booted image is told about the node that it is.

import { describe, expect, it } from 'vitest';

import { vmAt } from './plan.ts';
import { seedFiles } from './seed.ts';

const access = {
  api: { port: 6443, authority: 'PEM' },
  kubeletClient: 'CERT',
  nodeToken: 'of-node',
  proxyToken: 'of-proxy',
  sshPublicKey: 'ssh-ed25519 A',
};

const vms = [0, 1].map((index) =>
  vmAt(index, { sshPort: 2200 + index, kubeletPort: 10_250 + index, meetingPort: 2300 }),
);
const textOf = (index: number, path: string): string =>
  seedFiles(vms[index]!, vms, access).find(({ to }) => to === path)?.text ?? '';

describe('seedFiles()', () => {
  it('sends the node to the API server on the machine’s loopback', () => {
    expect(JSON.parse(textOf(0, '/etc/kubernetes/kubelet.conf'))).toMatchObject({
      clusters: [{ cluster: { server: 'https://10.0.2.2:6443' } }],
      users: [{ user: { token: 'of-node' } }],
    });
  });

  it('keeps two VMs apart, and tells each where the other’s pods are', () => {
    const told = [0, 1].map((index) => ({
      name: textOf(index, '/etc/hostname'),
      hosts: textOf(index, '/etc/hosts'),
      address: textOf(index, '/etc/vm-network'),
      pods: textOf(index, '/etc/pod-network.conf'),
      kubelet: (JSON.parse(textOf(index, '/var/lib/kubelet/config.yaml')) as { port: number }).port,
    }));
    expect(told).toEqual([
      {
        name: 'vm1\n',
        hosts: '127.0.0.1 localhost vm1\n10.0.3.16 vm2\n',
        address: 'ADDRESS=10.0.2.15\nGATEWAY=10.0.2.2\nPEER_ADDRESS=10.0.3.15\n',
        pods: 'pods 10.244.0.0/16\nown 10.244.1.0/24\npeer vm2 10.244.2.0/24\n',
        kubelet: 10_250,
      },
      {
        name: 'vm2\n',
        hosts: '127.0.0.1 localhost vm2\n10.0.3.15 vm1\n',
        address: 'ADDRESS=10.0.2.16\nGATEWAY=10.0.2.2\nPEER_ADDRESS=10.0.3.16\n',
        pods: 'pods 10.244.0.0/16\nown 10.244.2.0/24\npeer vm1 10.244.1.0/24\n',
        kubelet: 10_251,
      },
    ]);
  });

  it('lets nobody use the kubelet without the API server’s certificate', () => {
    expect(JSON.parse(textOf(0, '/var/lib/kubelet/config.yaml'))).toMatchObject({
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/etc/kubernetes/kubelet-client.crt' } },
    });
    expect(textOf(0, '/etc/kubernetes/kubelet-client.crt')).toBe('CERT');
  });

  it.each(['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/kube-proxy.conf', '/root/.ssh/authorized_keys'])(
    'lets only root read %s',
    (path) => {
      expect(seedFiles(vms[0]!, vms, access).find(({ to }) => to === path)?.mode).toBe(0o600);
    },
  );
});
