import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { event } from './event.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const subject = { kind: 'SandboxNode', name: 'a', uid: 'u' } as const;
const happening = { type: 'Warning', reason: 'X', message: 'm'.repeat(5000), identity: 'gvisor Failed t1' } as const;

describe('event()', () => {
  it('has the same name for the same happening, and another for another', () => {
    const name = (rest: object) => event(subject, { ...happening, ...rest }, 't', hash).metadata?.name;
    expect(name({ message: 'other words' })).toBe(name({}));
    expect(name({ identity: 'gvisor Failed t2' })).not.toBe(name({}));
  });

  it('is about the object, and short enough for the API server', () => {
    const { involvedObject, message } = event(subject, happening, 't', hash);
    expect(involvedObject).toEqual({ apiVersion: 'bulkhead.dev/v1alpha1', ...subject });
    expect(message?.length).toBeLessThanOrEqual(1024);
  });
});
