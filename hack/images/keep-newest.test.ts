// Tests on a real folder that only old files of the one name go.
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepNewest } from './keep-newest.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keep-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('keepNewest()', () => {
  it('removes the oldest of a name and nothing of another', async () => {
    const names = [
      'images-00000003.tar',
      'images-00000001.tar',
      'images-00000002.tar',
      'images-gvisor-00000000.tar',
      'images-x',
    ];
    for (const name of names) {
      const age = Number(/\d{8}/.exec(name)?.[0] ?? 0);
      await writeFile(join(folder, name), '');
      await utimes(join(folder, name), age, age);
    }
    await keepNewest(folder, 'images', 2);
    expect((await readdir(folder)).toSorted()).toEqual(
      names.filter((name) => name !== 'images-00000001.tar').toSorted(),
    );
  });
});
