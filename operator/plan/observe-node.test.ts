import type { INode } from 'kubernetes-models/v1/Node';
import { describe, expect, it } from 'vitest';
import { observeNode } from './observe-node.ts';

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'a',
    uid: 'u',
    labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', x: 'y' },
    managedFields: [
      {
        manager: 'bulkhead-operator-runtime-gvisor',
        operation: 'Apply',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:install.bulkhead.dev/gvisor': {} } } },
      },
      { manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:x': {} } } } },
    ],
  },
  spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
} as unknown as INode;

describe('observeNode()', () => {
  it('keeps labels, taints, readiness, and which labels we applied under which manager', () => {
    expect(observeNode(node)).toMatchObject({
      name: 'a',
      uid: 'u',
      os: 'linux',
      arch: 'amd64',
      ready: true,
      taints: [{ key: 'k', effect: 'NoSchedule' }],
      applied: { 'bulkhead-operator-runtime-gvisor': ['install.bulkhead.dev/gvisor'] },
    });
  });

  it('sees no difference after a heartbeat', () => {
    const later = structuredClone(node) as { metadata: { resourceVersion?: string }; status: { images?: unknown[] } };
    later.metadata.resourceVersion = '9';
    later.status.images = [{ names: ['x'] }];
    expect(observeNode(later as INode)).toEqual(observeNode(node));
  });

  it('calls a node without a Ready condition not ready', () => {
    expect(observeNode({ apiVersion: 'v1', kind: 'Node' }).ready).toBe(false);
  });
});
