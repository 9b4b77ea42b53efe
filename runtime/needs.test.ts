import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NodeNeeds, nodeNeeds } from '../crds/node-needs.ts';
import { addNeeds, isVersionSince } from './needs.ts';

describe('addNeeds()', () => {
  it('asks for the most of each', () => {
    const base: NodeNeeds = { virtualization: 'Preferred', modules: ['a', 'b'], minKernel: '5.10', memoryBytes: 2 };
    const more: Partial<NodeNeeds> = { modules: ['b', 'c'], minKernel: '5.9', memoryBytes: 3, devices: ['/dev/x'] };
    expect(addNeeds(base, more)).toEqual({
      virtualization: 'Preferred',
      modules: ['a', 'b', 'c'],
      devices: ['/dev/x'],
      minKernel: '5.10',
      memoryBytes: 3,
    });
    expect(addNeeds(base, { virtualization: 'Required' }).virtualization).toBe('Required');
    expect(addNeeds(base, { virtualization: 'Ignored' }).virtualization).toBe('Preferred');
  });

  it('adds nothing for a variant without needs, in which order they come, or twice', () => {
    const list = fc.option(fc.uniqueArray(fc.constantFrom('/dev/a', '/dev/b')), { nil: undefined });
    const some = fc.record({
      virtualization: fc.constantFrom('Required' as const, 'Preferred' as const, 'Ignored' as const),
      devices: list,
      memoryBytes: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      minKernel: fc.option(fc.constantFrom('5.4', '5.10', '6.1.3'), { nil: undefined }),
    });
    const sorted = (needs: NodeNeeds) => ({ ...needs, devices: needs.devices?.toSorted() });
    fc.assert(
      fc.property(some, some, (a, b) => {
        const sum = addNeeds(a, b);
        expect(nodeNeeds.parse(sum)).toEqual(sum);
        expect(sorted(sum)).toEqual(sorted(addNeeds(b, a)));
        expect(addNeeds(sum, b)).toEqual(sum);
        expect(addNeeds(sum, {})).toEqual(sum);
      }),
    );
  });
});

describe('isVersionSince()', () => {
  it.each([
    ['6.12.0-13-amd64', '5.10', true],
    ['5.10.0', '5.10', true],
    ['5.9.16', '5.10', false],
    ['5.10', '5.10.4', false],
    ['10.1', '9.99', true],
    ['unknown', '5.10', false],
  ])('%s since %s: %s', (release, version, expected) => {
    expect(isVersionSince(release, version)).toBe(expected);
  });
});
