// Tests the manifest of a payload against real files.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from './payload-files.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payload-'));
  await writeFile(join(folder, 'runsc'), 'abc');
  await writeFile(join(folder, 'other'), '');
});
afterAll(() => rm(folder, { recursive: true }));
const payload = { family: 'gvisor', version: '1', arch: 'amd64' };

describe('manifestOf()', () => {
  it('states digest, size and mode of the named files and no others', async () => {
    expect(await manifestOf(payload, folder, ['runsc'])).toEqual({
      ...payload,
      links: [],
      files: [
        {
          path: 'runsc',
          sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          sizeBytes: 3,
          mode: 0o755,
        },
      ],
    });
  });

  it('lists files in one order', async () => {
    const { files } = await manifestOf(payload, folder, ['runsc', 'other']);
    expect(files.map(({ path }) => path)).toEqual(['other', 'runsc']);
  });

  it('refuses what no node would take', async () => {
    await expect(manifestOf({ ...payload, arch: 'sparc' }, folder, ['runsc'])).rejects.toThrow('arch');
  });
});
