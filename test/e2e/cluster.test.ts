// Tests the test bed itself: when this fails, no other e2e failure means anything.
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { describe, expect, inject, it } from 'vitest';

describe('the cluster of the e2e tests', () => {
  it('has three nodes that are Ready and run a containerd of the 2.x lines', async () => {
    const config = new KubeConfig();
    config.loadFromFile(inject('kubeconfig'));
    const { items } = await config.makeApiClient(CoreV1Api).listNode();
    const nodes = items.map(({ status }) => ({
      ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status,
      engine: status?.nodeInfo?.containerRuntimeVersion.replace(/^(containerd:\/\/2)\..*/, '$1.x'),
    }));
    expect(nodes).toEqual(Array(3).fill({ ready: 'True', engine: 'containerd://2.x' }));
  });
});
