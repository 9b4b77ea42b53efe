// Tests that the control plane for tests is a real one: it serves, keeps its data, and enforces RBAC.
import { AuthenticationV1Api, CoreV1Api, KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from './start-control-plane.ts';

let first: ControlPlane;
beforeAll(async () => {
  const from = performance.now();
  first = await startControlPlane();
  console.log(`control plane up in ${((performance.now() - from) / 1000).toFixed(1)} s`);
});
afterAll(() => first?.stop());

const core = (kubeconfig: string) => clientOf(kubeconfig).makeApiClient(CoreV1Api);

function clientOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}

const configMap = (name: string) => ({ namespace: 'default', body: { metadata: { name }, data: { a: '1' } } });

describe('startControlPlane()', () => {
  it('serves the API over verified TLS', async () => {
    const { items } = await core(first.kubeconfig).listNamespace();
    expect(items.map((item) => item.metadata?.name)).toContain('kube-system');
  });

  it('refuses a token that nobody issued', async () => {
    await expect(core(first.kubeconfigFor('made-up')).listNamespace()).rejects.toMatchObject({ code: 401 });
  });

  it('keeps its data over a restart of the API server, at the same address', async () => {
    await core(first.kubeconfig).createNamespacedConfigMap(configMap('kept'));
    await first.stopApiServer();
    await expect(core(first.kubeconfig).listNamespace()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await first.startApiServer();
    const kept = await core(first.kubeconfig).readNamespacedConfigMap({ name: 'kept', namespace: 'default' });
    expect(kept.data).toEqual({ a: '1' });
  });

  it('lets a ServiceAccount do only what RBAC grants', async () => {
    const api = core(first.kubeconfigFor(await tokenOf('reader')));
    const list = () => api.listNamespacedConfigMap({ namespace: 'default' });
    await expect(list()).rejects.toMatchObject({ code: 403 });
    await grantConfigMaps('reader');
    await vi.waitFor(list, { timeout: 5000 });
    await expect(api.listNode()).rejects.toMatchObject({ code: 403 });
  });

  it('knows a ServiceAccount by its token', async () => {
    const review = clientOf(first.kubeconfigFor(await tokenOf('somebody'))).makeApiClient(AuthenticationV1Api);
    const { status } = await review.createSelfSubjectReview({ body: {} });
    expect(status?.userInfo?.username).toBe('system:serviceaccount:default:somebody');
  });

  it('runs beside another one and shares nothing with it', async () => {
    const second = await startControlPlane();
    try {
      await core(second.kubeconfig).createNamespacedConfigMap(configMap('only-in-second'));
      const { items } = await core(first.kubeconfig).listNamespacedConfigMap({ namespace: 'default' });
      expect(items.map((item) => item.metadata?.name)).not.toContain('only-in-second');
      await expect(core(second.kubeconfigFor(await tokenOf('third'))).listNode()).rejects.toMatchObject({ code: 401 });
    } finally {
      await second.stop();
    }
  });
});

async function grantConfigMaps(name: string): Promise<void> {
  const rbac = clientOf(first.kubeconfig).makeApiClient(RbacAuthorizationV1Api);
  const metadata = { name };
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'default' }];
  await rbac.createNamespacedRole({ namespace: 'default', body: { metadata, rules } });
  await rbac.createNamespacedRoleBinding({ namespace: 'default', body: { metadata, roleRef, subjects } });
}

async function tokenOf(name: string): Promise<string> {
  const api = core(first.kubeconfig);
  await api.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: { name } } });
  const request = { name, namespace: 'default', body: { spec: { audiences: [] } } };
  const { status } = await api.createNamespacedServiceAccountToken(request);
  return status?.token ?? '';
}
