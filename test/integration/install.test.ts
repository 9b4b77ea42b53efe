// Tests the manifests on a real API server: it takes every object, and the operator's account may do its work and no more.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installObjects, installYaml } from '../../charts/install.ts';
import type { InstallValues } from '../../charts/values.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start-control-plane.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';

const namespace = 'bulkhead-system';
const values: InstallValues = {
  namespace,
  operatorImage: 'registry.example/operator:1',
  installerImage: 'registry.example/node-installer:1',
  payloadRepository: 'registry.example',
  pauseImage: 'registry.example/pause:1',
  replicas: 1,
};
const apply = ['apply', '--server-side', '--validate=strict', '-f', '-'];

let plane: ControlPlane;
let kubectl: Kubectl;
beforeAll(async () => {
  plane = await startControlPlane();
  kubectl = await kubectlFor(plane);
});
afterAll(() => plane?.stop());

describe('install.yaml', () => {
  it('is taken whole by one server-side apply, without a warning', async () => {
    const { code, output } = await kubectl.try(apply, installYaml(values));
    expect(code).toBe(0);
    const lines = output.trim().split('\n');
    expect(lines.filter((line) => !line.endsWith(' serverside-applied'))).toEqual([]);
    expect(lines).toHaveLength(installObjects(values).length);
    await kubectl.run(['wait', '--for=condition=Established', 'crd', '--all']);
  });

  it('changes nothing when it is applied again', async () => {
    const versions = () =>
      kubectl.run(['get', '-f', '-', '-o', 'jsonpath={.items[*].metadata.resourceVersion}'], installYaml(values));
    // The API server writes the status of new CRDs.
    await kubectl.run(['wait', '--for=condition=Established', 'crd', '--all']);
    const before = await versions();
    await kubectl.run(apply, installYaml(values));
    expect(await versions()).toBe(before);
  });
});

const as = (account: string) => ['--as', `system:serviceaccount:${namespace}:${account}`];
/** *Shape*: `resource`, `resource:subresource` or `resource/name`. */
const mayDo = async (account: string, verb: string, what: string, inNamespace = namespace) => {
  const [resource = '', subresource] = what.split(':');
  const below = subresource ? ['--subresource', subresource] : [];
  const { stdout } = await kubectl.try(['auth', 'can-i', verb, resource, ...below, '-n', inNamespace, ...as(account)]);
  return stdout.trim();
};

describe("the operator's account", () => {
  const allowed = [
    ['watch', 'sandboxruntimes.bulkhead.dev'],
    ['patch', 'sandboxruntimes.bulkhead.dev'],
    ['patch', 'sandboxruntimes.bulkhead.dev:status'],
    ['create', 'sandboxnodes.bulkhead.dev'],
    ['delete', 'sandboxnodes.bulkhead.dev'],
    ['patch', 'sandboxnodes.bulkhead.dev:status'],
    ['watch', 'nodes'],
    ['patch', 'nodes'],
    ['create', 'runtimeclasses.node.k8s.io'],
    ['delete', 'runtimeclasses.node.k8s.io'],
    ['create', 'events'],
    ['watch', 'pods'],
    ['delete', 'pods'],
    ['create', 'daemonsets.apps'],
    ['patch', 'daemonsets.apps'],
    ['create', 'leases.coordination.k8s.io'],
    ['update', 'leases.coordination.k8s.io/bulkhead-operator'],
  ] as const;
  it.each(allowed)('may %s %s', async (verb, resource) => {
    expect(await mayDo('bulkhead-operator', verb, resource)).toBe('yes');
  });

  const denied = [
    ['create', 'sandboxruntimes.bulkhead.dev', namespace],
    ['delete', 'sandboxruntimes.bulkhead.dev', namespace],
    ['delete', 'nodes', namespace],
    ['get', 'nodes:proxy', namespace],
    ['get', 'secrets', namespace],
    ['create', 'pods', namespace],
    ['create', 'pods:exec', namespace],
    ['create', 'serviceaccounts:token', namespace],
    ['update', 'leases.coordination.k8s.io/other', namespace],
    ['get', 'pods', 'default'],
    ['create', 'daemonsets.apps', 'default'],
    ['create', 'clusterroles.rbac.authorization.k8s.io', namespace],
  ] as const;
  it.each(denied)('may not %s %s in %s', async (verb, resource, inNamespace) => {
    expect(await mayDo('bulkhead-operator', verb, resource, inNamespace)).toBe('no');
  });

  it('can do what server-side apply takes: make a SandboxNode and its status', async () => {
    const node = { apiVersion: 'bulkhead.dev/v1alpha1', kind: 'SandboxNode', metadata: { name: 'n' } };
    const who = [...as('bulkhead-operator'), '--field-manager=bulkhead-operator'];
    await kubectl.run([...apply, ...who], JSON.stringify(node));
    const status = { runtimes: [{ name: 'gvisor', phase: 'Ready', lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    await kubectl.run([...apply, '--subresource=status', ...who], JSON.stringify({ ...node, status }));
    const kept = await kubectl.run(['get', 'sbn', 'n', '-o', 'jsonpath={.status.runtimes[0].phase}']);
    expect(kept).toBe('Ready');
  });
});

describe("the node pods' account", () => {
  it('may not even look at nodes', async () => {
    expect(await mayDo('bulkhead-node', 'get', 'nodes')).toBe('no');
    expect(await mayDo('bulkhead-node', 'get', 'sandboxruntimes.bulkhead.dev')).toBe('no');
  });
});
