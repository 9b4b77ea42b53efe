// Who may do what: the operator's rights, verb by verb, and an account without any for the pods on nodes.
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import type { IClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import type { IPolicyRule } from 'kubernetes-models/rbac.authorization.k8s.io/v1/PolicyRule';
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { group, leaseName, nodeServiceAccount, operatorServiceAccount } from '../crds/names.ts';
import { labels } from './labels.ts';

const observe = ['get', 'list', 'watch'];
/** Server-side apply creates by `patch`, which the API server then also wants `create` for. */
const apply = ['create', 'patch'];
const rbac = 'rbac.authorization.k8s.io';

const clusterRules: readonly IPolicyRule[] = [
  // The finalizer is applied to the object itself.
  { apiGroups: [group], resources: ['sandboxruntimes'], verbs: [...observe, 'patch'] },
  { apiGroups: [group], resources: ['sandboxruntimes/status', 'sandboxnodes/status'], verbs: ['patch'] },
  { apiGroups: [group], resources: ['sandboxnodes'], verbs: [...observe, ...apply, 'delete'] },
  { apiGroups: [''], resources: ['nodes'], verbs: [...observe, 'patch'] },
  { apiGroups: ['node.k8s.io'], resources: ['runtimeclasses'], verbs: [...observe, ...apply, 'delete'] },
  // Events of cluster-scoped objects are in the namespace `default`.
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

const ownRules: readonly IPolicyRule[] = [
  // A probe's pod is annotated with what its node looked like.
  { apiGroups: [''], resources: ['pods'], verbs: [...observe, 'patch', 'delete'] },
  { apiGroups: ['apps'], resources: ['daemonsets'], verbs: [...observe, ...apply, 'delete'] },
  // Rights to create cannot be bound to a name.
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: [leaseName],
    verbs: ['get', 'update'],
  },
];

/** The operator's account and the node pods'; neither mounts a token by itself. */
export function serviceAccounts(namespace: string): IServiceAccount[] {
  return [operatorServiceAccount, nodeServiceAccount].map((name) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, labels },
    automountServiceAccountToken: false,
  }));
}

/** Rights in the whole cluster, and in the operator's own namespace. */
export function operatorAccess(namespace: string): (IClusterRole | IClusterRoleBinding | IRole | IRoleBinding)[] {
  const name = operatorServiceAccount;
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [...clusterRules],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects,
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { name, namespace, labels },
      rules: [...ownRules],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace, labels },
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects,
    },
  ];
}
