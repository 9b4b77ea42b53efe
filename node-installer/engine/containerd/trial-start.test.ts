import { describe, expect, it } from 'vitest';
import { hiddenFolders, judgeTrial } from './trial-start.ts';

describe('hiddenFolders()', () => {
  it('are the data, sockets and plugins that the config names, beside the usual ones', () => {
    const dump = {
      root: '/data/containerd/',
      state: '/run/containerd',
      grpc: { address: '/srv/sockets/containerd.sock' },
      metrics: { address: '127.0.0.1:1338' },
      proxy_plugins: { stargz: { type: 'snapshot', address: 'unix:///srv/stargz/grpc.sock' } },
      plugins: {
        nri: { plugin_path: '/srv/nri', socket_path: '/var/run/nri/nri.sock' },
        dm: { root_path: '/data/dm' },
      },
    };
    expect(hiddenFolders(dump, ['/etc/containerd/config.toml'])).toEqual([
      '/run',
      '/var/run',
      '/var/lib/containerd',
      '/opt/nri',
      '/data/containerd',
      '/srv/sockets',
      '/srv/stargz',
      '/srv/nri',
      '/data/dm',
    ]);
  });

  it.each([
    ['the program', { root: '/usr' }],
    ['the config', { grpc: { address: '/etc/containerd/containerd.sock' } }],
    ['everything', { ttrpc: { address: '/containerd.ttrpc' } }],
  ])('are none when one would hide %s', (_, dump) => {
    expect(hiddenFolders(dump, ['/usr/bin/containerd', '/etc/containerd/config.toml'])).toBeUndefined();
  });
});

const hidden = ['/run'];
const booted = 'time="…" level=info msg="containerd successfully booted in 0.1s"\n';

describe('judgeTrial()', () => {
  it.each([
    [
      '2.x',
      'level=warning msg="failed to load plugin" error="invalid: \\"a\\" and b" id=io.containerd.grpc.v1.cri type=io.containerd.grpc.v1\n',
    ],
    ['1.7', 'level=warning msg="failed to load plugin io.containerd.grpc.v1.cri" error="invalid: \\"a\\" and b"\n'],
    ['JSON', '{"error":"invalid: \\"a\\" and b","id":"io.containerd.grpc.v1.cri","msg":"failed to load plugin"}\n'],
  ])('finds why the CRI is dead in the log of %s', (_, line) => {
    expect(judgeTrial({ exitCode: 0, stdout: line + booted }, hidden)).toEqual({
      kind: 'Dead',
      why: 'its CRI does not start (invalid: "a" and b)',
    });
  });

  it('finds why containerd ended', () => {
    expect(
      judgeTrial({ exitCode: 10, stdout: 'level=info msg=starting\ncontainerd: no such thing\n' }, hidden),
    ).toEqual({
      kind: 'Dead',
      why: 'containerd does not start (no such thing)',
    });
  });

  it.each([
    [
      'a snapshotter that is required',
      10,
      'containerd: required plugin io.containerd.snapshotter.v1.zfs is not loaded',
    ],
    [
      'a snapshotter that the trial cannot have',
      0,
      `failed to load plugin io.containerd.grpc.v1.cri error="failed to find snapshotter \\"zfs\\""\n${booted}`,
    ],
    [
      'a network with a route, which the trial has not',
      0,
      `failed to load plugin io.containerd.grpc.v1.cri error="failed to get stream server address: no default routes found"\n${booted}`,
    ],
    ['a file that is hidden', 10, 'containerd: open /run/k0s/cri.toml: no such file or directory'],
    ['a host without unshare', 127, 'unshare: not found'],
    ['a mount that is not allowed', 9, ''],
    ['a containerd that takes longer', 0, 'level=info msg=starting\n'],
    ['a trial that was killed', 124, booted],
  ])('says nothing about %s', (_, exitCode, stdout) => {
    expect(judgeTrial({ exitCode, stdout }, hidden)).toEqual({ kind: 'Unknown' });
  });

  it('takes another plugin that fails for no fault of the CRI', () => {
    const line = 'level=warning msg="failed to load plugin" error="no" id=io.containerd.snapshotter.v1.zfs\n';
    expect(judgeTrial({ exitCode: 0, stdout: line + booted }, hidden)).toEqual({ kind: 'Serves' });
  });
});
