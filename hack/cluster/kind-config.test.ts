// The documents that a cluster is made from.

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { containerdConfig } from '../node-image/node-layer.ts';
import { kindConfig } from './kind-config.ts';
import { podNetworkConfig } from './pod-network.ts';

const own = { reference: 'localhost/bulkhead/node-image:1', own: true };
const published = { reference: 'kindest/node:v1.37.0', own: false };
const v1 = { sysResource: false, cgroupV2: false };
const v2 = { sysResource: true, cgroupV2: true };

interface KindConfig {
  readonly networking: Readonly<Record<string, unknown>>;
  readonly kubeadmConfigPatches: readonly string[];
  readonly nodes: readonly { readonly role: string }[];
}
const config = (...args: Parameters<typeof kindConfig>): KindConfig => parse(kindConfig(...args)) as KindConfig;

describe('kindConfig()', () => {
  it('has one control plane and the wanted workers', () => {
    expect(config('c', 2, own, v1).nodes.map((node) => node.role)).toEqual(['control-plane', 'worker', 'worker']);
  });

  it('leaves the published image its own network and etcd', () => {
    const { networking, kubeadmConfigPatches } = config('c', 2, published, v2);
    expect(networking).not.toHaveProperty('disableDefaultCNI');
    expect(kubeadmConfigPatches).toEqual([]);
  });

  it('lets kubelet start on cgroup v1 only where the machine has it', () => {
    const kinds = (host: typeof v1): string[] =>
      config('c', 2, own, host).kubeadmConfigPatches.map((patch) => (parse(patch) as { kind: string }).kind);
    expect(kinds(v1)).toEqual(['ClusterConfiguration', 'KubeletConfiguration']);
    expect(kinds(v2)).toEqual(['ClusterConfiguration']);
  });
});

describe('containerdConfig()', () => {
  it('imports nothing', () => {
    expect(containerdConfig(v1)).not.toMatch(/^imports/m);
  });

  it('follows the machine', () => {
    expect(containerdConfig(v1)).toContain('restrict_oom_score_adj = true');
    expect(containerdConfig(v1)).toContain('SystemdCgroup = false');
    expect(containerdConfig(v2)).toContain('restrict_oom_score_adj = false');
    expect(containerdConfig(v2)).toContain('SystemdCgroup = true');
  });
});

describe('podNetworkConfig()', () => {
  it('names the own range and every other node', () => {
    const nodes = ['a', 'b', 'c'].map((node, index) => ({ node, podCidr: `10.244.${index}.0/24` }));
    expect(podNetworkConfig('10.244.0.0/16', nodes[1]!, nodes)).toBe(
      'pods 10.244.0.0/16\nown 10.244.1.0/24\npeer a 10.244.0.0/24\npeer c 10.244.2.0/24\n',
    );
  });
});
