import { describe, expect, it } from 'vitest';
import { pathOf, resources } from './resource.ts';

describe('pathOf()', () => {
  it.each([
    ['a cluster-scoped collection', pathOf(resources.nodes), '/api/v1/nodes'],
    ['a namespaced object', pathOf(resources.pods, 'p'), '/api/v1/namespaces/bulkhead-system/pods/p'],
    [
      'a subresource',
      pathOf(resources.sandboxNodes, 'n', 'status'),
      '/apis/bulkhead.dev/v1alpha1/sandboxnodes/n/status',
    ],
    ['a name that could climb', pathOf(resources.nodes, '../secrets'), '/api/v1/nodes/..%2Fsecrets'],
  ])('gives the path of %s', (_, path, expected) => expect(path).toBe(expected));
});
