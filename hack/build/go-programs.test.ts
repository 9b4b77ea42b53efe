// The decisions of the Go builder.

import { describe, expect, it } from 'vitest';

import { defaultProgramName, goParallelism } from './go-programs.ts';
import { canSwitchToolchain } from './go-toolchain.ts';

describe('defaultProgramName()', () => {
  it.each([
    ['go.etcd.io/etcd/server/v3', 'server'],
    ['github.com/containerd/containerd/v2/cmd/ctr', 'ctr'],
    ['gvisor.dev/gvisor/shim', 'shim'],
  ])('%s makes %s', (path, name) => {
    expect(defaultProgramName(path)).toBe(name);
  });
});

describe('goParallelism()', () => {
  const gib = 2 ** 30;
  it.each([
    [2, 24 * gib, 2],
    [16, 16 * gib, 4],
    [4, 3 * gib, 1],
  ])('%i cores and %i bytes run %i at once', (cores, memory, expected) => {
    expect(goParallelism(cores, memory)).toBe(expected);
  });
});

describe('canSwitchToolchain()', () => {
  it.each([
    ['go version go1.26.8 linux/amd64', true],
    ['go version go1.21.0 linux/amd64', true],
    ['go version go1.19.8 linux/amd64', false],
    ['', false],
  ])('"%s": %s', (text, expected) => {
    expect(canSwitchToolchain(text)).toBe(expected);
  });
});
