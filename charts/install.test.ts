// Claims about the manifests as data; whether an API server takes them is for test/integration.
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { customResourceDefinitions } from '../crds/custom-resource-definitions.ts';
import { installObjects, installYaml, type Manifest } from './install.ts';
import type { InstallValues } from './values.ts';

const values: InstallValues = {
  namespace: 'somewhere',
  operatorImage: 'registry.example/operator:1',
  installerImage: 'registry.example/node-installer:1',
  payloadRepository: 'registry.example',
  pauseImage: 'registry.example/pause:1',
  replicas: 2,
  env: { HTTPS_PROXY: 'http://proxy.example:3128' },
};
const objects = installObjects(values);
const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
const rules = [...ofKind('ClusterRole'), ...ofKind('Role')].flatMap((role) => (role as IRole).rules ?? []);
const deployment = (ofKind('Deployment') as IDeployment[])[0]!.spec!;
const pod = deployment.template.spec!;
const container = pod.containers[0]!;

describe('installObjects()', () => {
  it('starts with the namespace and the CRDs, which the rest needs', () => {
    const [first, ...rest] = objects.map(({ kind }) => kind);
    expect([first, ...rest.slice(0, 2)]).toEqual(['Namespace', 'CustomResourceDefinition', 'CustomResourceDefinition']);
  });

  it('carries the CRDs unchanged, empty objects too', () => {
    expect(ofKind('CustomResourceDefinition')).toEqual(JSON.parse(JSON.stringify(customResourceDefinitions)));
  });

  it('puts every namespaced object into the namespace of the values', () => {
    const namespaces = objects.map(({ metadata }) => metadata?.namespace).filter((name) => name !== undefined);
    expect(namespaces).toHaveLength(5);
    expect(new Set(namespaces)).toEqual(new Set(['somewhere']));
  });

  it('gives no account a token by itself, and the account of the node pods no right at all', () => {
    expect(ofKind('ServiceAccount')).toMatchObject([
      { metadata: { name: 'bulkhead-operator' }, automountServiceAccountToken: false },
      { metadata: { name: 'bulkhead-node' }, automountServiceAccountToken: false },
    ]);
    const bindings = [...ofKind('ClusterRoleBinding'), ...ofKind('RoleBinding')];
    expect(bindings).toHaveLength(2);
    expect(JSON.stringify(bindings)).not.toContain('bulkhead-node');
  });

  it('grants no wildcard, no secret, no exec, no impersonation and no right to grant', () => {
    expect(rules.length).toBeGreaterThan(5);
    const granted = rules.flatMap(({ apiGroups = [], resources = [], verbs }) => [
      ...apiGroups,
      ...resources,
      ...verbs,
    ]);
    for (const word of ['*', 'secrets', 'pods/exec', 'nodes/proxy', 'impersonate', 'bind', 'escalate']) {
      expect(granted).not.toContain(word);
    }
  });

  it('lets the operator see and delete pods in its own namespace only', () => {
    const cluster = (ofKind('ClusterRole')[0] as IRole).rules?.flatMap(({ resources = [] }) => resources);
    expect(cluster).not.toContain('pods');
    expect(cluster).not.toContain('daemonsets');
  });

  it('runs the operator unprivileged, with nothing writable', () => {
    expect(pod).toMatchObject({
      serviceAccountName: 'bulkhead-operator',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.volumes).toBeUndefined();
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('tells the operator its images and who it is', () => {
    expect(container.env?.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef?.fieldPath])).toEqual(
      [
        ['BULKHEAD_INSTALLER_IMAGE', 'registry.example/node-installer:1'],
        ['BULKHEAD_PAYLOAD_REPOSITORY', 'registry.example'],
        ['BULKHEAD_PAUSE_IMAGE', 'registry.example/pause:1'],
        ['POD_NAME', 'metadata.name'],
        ['POD_NAMESPACE', 'metadata.namespace'],
        ['HTTPS_PROXY', 'http://proxy.example:3128'],
      ],
    );
    expect(container.image).toBe('registry.example/operator:1');
    expect(deployment.replicas).toBe(2);
  });

  it('selects the operator pods by a label that the node pods do not carry', () => {
    expect(deployment.selector.matchLabels).toHaveProperty('app.kubernetes.io/component', 'operator');
    expect(deployment.template.metadata?.labels).toMatchObject(deployment.selector.matchLabels!);
  });
});

describe('installYaml()', () => {
  it('says the same as the objects', () => {
    const parsed = parseAllDocuments(installYaml(values)).map((document) => document.toJS() as Manifest);
    expect(parsed).toEqual(objects);
  });
});
