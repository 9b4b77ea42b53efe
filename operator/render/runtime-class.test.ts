import { describe, expect, it } from 'vitest';
import { runtimeOwner } from './owner.ts';
import { runtimeClass } from './runtime-class.ts';

const owner = runtimeOwner({ name: 'kata', uid: 'u' });
const plain = { name: 'kata', handler: 'kata-qemu', overhead: {}, nodeSelector: {}, tolerations: [] };

describe('runtimeClass()', () => {
  it('places pods only where the handler is verified', () => {
    expect(runtimeClass(plain, owner)).toMatchObject({
      metadata: { name: 'kata', labels: { 'bulkhead.dev/runtime': 'kata' }, ownerReferences: [{ uid: 'u' }] },
      handler: 'kata-qemu',
      scheduling: { nodeSelector: { 'handler.bulkhead.dev/kata-qemu': 'ready' } },
    });
  });

  it('adds what the user asks for, and nobody can ask the readiness away', () => {
    const nodeSelector = { pool: 'x', 'handler.bulkhead.dev/kata-qemu': 'whatever' };
    const tolerations = [{ key: 'k', operator: 'Exists' as const, value: undefined }];
    expect(runtimeClass({ ...plain, overhead: { memory: '1Mi' }, nodeSelector, tolerations }, owner)).toMatchObject({
      overhead: { podFixed: { memory: '1Mi' } },
      scheduling: {
        nodeSelector: { pool: 'x', 'handler.bulkhead.dev/kata-qemu': 'ready' },
        tolerations: [{ key: 'k', operator: 'Exists' }],
      },
    });
  });

  it('has no empty overhead, which the API server would refuse', () => {
    expect(runtimeClass(plain, owner)).not.toHaveProperty('overhead');
  });
});
