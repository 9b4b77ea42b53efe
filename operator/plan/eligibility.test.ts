import { describe, expect, it } from 'vitest';
import { isSelected, isWelcome } from './eligibility.ts';
import { nodeOf } from './testing.ts';

const controlPlane = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
const gpu = { key: 'gpu', value: 'a100', effect: 'NoExecute' };

describe('isWelcome()', () => {
  it.each([
    ['a plain Linux node', {}, undefined, true],
    ['a Windows node', { os: 'windows' }, undefined, false],
    ['a control plane', { taints: [controlPlane] }, undefined, false],
    ['a control plane that is tolerated', { taints: [controlPlane] }, { tolerations: [{ operator: 'Exists' }] }, true],
    ['a node with a soft taint', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }, undefined, true],
    [
      'a node that is not ready or cordoned',
      { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
      undefined,
      true,
    ],
    ['a tainted node, tolerated by value', { taints: [gpu] }, { tolerations: [{ key: 'gpu', value: 'a100' }] }, true],
    [
      'a tainted node, another value tolerated',
      { taints: [gpu] },
      { tolerations: [{ key: 'gpu', value: 'x' }] },
      false,
    ],
    [
      'a tainted node, another effect tolerated',
      { taints: [gpu] },
      { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] },
      false,
    ],
    ['a node with the label asked for', { labels: { a: 'b' } }, { selector: { a: 'b' } }, true],
    ['a node with another value of the label', { labels: { a: 'c' } }, { selector: { a: 'b' } }, false],
    ['a node without the label', {}, { selector: { a: 'b' } }, false],
  ])('%s', (_, node, nodes, expected) => {
    expect(isWelcome(nodeOf('n', node), nodes as never)).toBe(expected);
  });
});

describe('isSelected()', () => {
  it('still holds a node that was tainted later', () => {
    expect(isSelected(nodeOf('n', { taints: [gpu] }), undefined)).toBe(true);
  });
});
