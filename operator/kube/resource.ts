// The kinds the operator reads and writes, and where they live in the API; knows nothing of their content.
import { apiVersion, group, namespace } from '../../crds/names.ts';

/** A kind in the API. `namespace` is set for namespaced kinds, since all of ours live in one. */
export type Resource = {
  readonly path: string;
  readonly plural: string;
  readonly namespace?: string;
};

const core = '/api/v1';
const ours = `/apis/${group}/${apiVersion}`;

export const resources = {
  sandboxRuntimes: { path: ours, plural: 'sandboxruntimes' },
  sandboxNodes: { path: ours, plural: 'sandboxnodes' },
  nodes: { path: core, plural: 'nodes' },
  pods: { path: core, plural: 'pods', namespace },
  daemonSets: { path: '/apis/apps/v1', plural: 'daemonsets', namespace },
  runtimeClasses: { path: '/apis/node.k8s.io/v1', plural: 'runtimeclasses' },
  leases: { path: '/apis/coordination.k8s.io/v1', plural: 'leases', namespace },
  /** Events about cluster-scoped objects live in `default`. Source: client-go `tools/record`, `makeEvent`. */
  events: { path: core, plural: 'events', namespace: 'default' },
} as const satisfies Record<string, Resource>;

/** URL path of a collection, or of one object, or of a subresource of it. */
export function pathOf(resource: Resource, name?: string, subresource?: string): string {
  const scope = resource.namespace === undefined ? [] : ['namespaces', resource.namespace];
  const object = [name, subresource].filter((part) => part !== undefined).map(encodeURIComponent);
  return [resource.path, ...scope, resource.plural, ...object].join('/');
}
