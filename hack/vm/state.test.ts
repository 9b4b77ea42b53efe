// Tests with real files, in a cache of their own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { changeState, readState, type VmState, writeState } from './state.ts';

let cache = '';
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'bulkhead-cache-'));
  vi.stubEnv('BULKHEAD_CACHE', cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

it('forgets none of several VMs that start at the same time', async () => {
  await writeState('c', { machines: {} } as VmState);
  const names = ['vm1', 'vm2', 'vm3', 'vm4'];
  const process = { pid: 1, startTime: '1' } as never;
  const start = (name: string) =>
    changeState('c', (state) => ({ ...state, machines: { ...state.machines, [name]: process } }));
  await Promise.all(names.map(start));
  expect(Object.keys((await readState('c'))?.machines ?? {}).toSorted()).toEqual(names);
});
