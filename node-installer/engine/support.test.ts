import { describe, expect, it } from 'vitest';
import { engineSupport } from './support.ts';

describe('engineSupport()', () => {
  it.each(['1.7.0', '1.7.28', '1.10.0', '2.0.0', '2.3.7', 'v2.4.0-rc.1'])('takes containerd %s', (version) => {
    expect(engineSupport({ kind: 'containerd', version })).toEqual({ kind: 'Supported' });
  });

  it.each(['20.10.24+dfsg1', '29.1.0'])('takes Docker %s', (version) => {
    expect(engineSupport({ kind: 'docker', version })).toEqual({ kind: 'Supported' });
  });

  it.each(['1.30.0', '1.36.2'])('takes CRI-O %s', (version) => {
    expect(engineSupport({ kind: 'cri-o', version })).toEqual({ kind: 'Supported' });
  });

  it.each([
    ['containerd', '1.6.36', 'EngineTooOld'],
    ['containerd', '3.0.0', 'UnknownEngine'],
    ['cri-o', '1.29.9', 'EngineTooOld'],
    ['cri-o', '2.0.0', 'UnknownEngine'],
    ['docker', '19.03.15', 'EngineTooOld'],
    ['containerd', 'unknown', 'UnknownEngine'],
  ] as const)('refuses %s %s as %s', (kind, version, reason) => {
    const support = engineSupport({ kind, version });
    expect(support).toMatchObject({ kind: 'Unsupported', reason });
    expect(support).toMatchObject({
      message: expect.stringMatching(new RegExp(`^Cannot add handlers to ${kind} ${version}: `, 'i')) as unknown,
    });
  });
});
