import { describe, expect, it } from 'vitest';
import { conflictOf } from './claims.ts';
import type { Wanted } from './resolve.ts';
import { runtimeOf } from './testing.ts';

const claimant = (name: string, createdAt: string, handler: string, className = handler) => ({
  runtime: runtimeOf(name, { family: 'gvisor' }, { createdAt }),
  wanted: { task: { handlers: [{ name: handler }] }, classes: [{ name: className }] } as unknown as Wanted,
});
const older = claimant('z', '2026-01-01T00:00:00Z', 'gvisor');
const younger = claimant('a', '2026-01-02T00:00:00Z', 'gvisor');

describe('conflictOf()', () => {
  it('refuses the handler to the younger', () => {
    expect(conflictOf(younger, [older, younger], [])).toMatchObject({
      reason: 'HandlerTaken',
      message: 'The Handler gvisor belongs to the SandboxRuntime z.',
    });
  });

  it('leaves it to the older', () => {
    expect(conflictOf(older, [older, younger], [])).toBeUndefined();
  });

  it('lets the name decide between two of the same age', () => {
    const twins = ['a', 'b'].map((name) => claimant(name, '2026-01-01T00:00:00Z', 'h'));
    expect(twins.map((twin) => conflictOf(twin, twins, [])?.reason)).toEqual([undefined, 'HandlerTaken']);
  });

  it('refuses a RuntimeClass that another has under another handler', () => {
    expect(conflictOf(claimant('b', '2027', 'h', 'gvisor'), [older], [])).toMatchObject({
      reason: 'RuntimeClassTaken',
    });
  });

  it('refuses a RuntimeClass that someone else made', () => {
    expect(conflictOf(older, [], [{ name: 'gvisor', labels: {} }])).toMatchObject({ reason: 'RuntimeClassTaken' });
  });

  it('has no quarrel with a RuntimeClass of our own', () => {
    const own = { name: 'gvisor', labels: { 'bulkhead.dev/runtime': 'z' } };
    expect(conflictOf(older, [older], [own])).toBeUndefined();
  });
});
