// What is tried with a real Kata payload.

import { describe, expect, it } from 'vitest';

import { kata } from '../../runtime/kata.ts';
import { kataVariants } from '../../runtime/kata-variants.ts';
import { parse } from 'smol-toml';
import { kataTrialOf } from './kata-trial.ts';

const both = '/x/kata-static-4.1.0-amd64.tar.zst, /x/kata-go-static-4.1.0-amd64.tar.zst';
const names = (env: Record<string, string>) => kataTrialOf(env).handlers.map(({ name }) => name);

describe('kataTrialOf()', () => {
  it('tries the shim of each archive, at the version in their names', () => {
    const trial = kataTrialOf({ KATA_ARCHIVES: both });
    expect(trial.archives).toEqual(['/x/kata-static-4.1.0-amd64.tar.zst', '/x/kata-go-static-4.1.0-amd64.tar.zst']);
    expect(trial.version).toBe('4.1.0');
    expect(trial.handlers.map(({ name }) => name)).toEqual(['kata-qemu-runtime-rs', 'kata-qemu']);
    expect(trial.nextArchives).toBeUndefined();
  });

  it('does what it is told: handlers, version, what to upgrade to', () => {
    const env = { KATA_ARCHIVES: '/x/a.tar', KATA_HANDLERS: 'kata-clh,kata-fc', KATA_ARCHIVES_2: '/x/b.tar' };
    expect(names(env)).toEqual(['kata-clh', 'kata-fc']);
    expect(kataTrialOf({ ...env, KATA_VERSION: '4.1.0' }).version).toBe('4.1.0');
    expect(kataTrialOf(env).nextArchives).toEqual(['/x/b.tar']);
  });

  it('takes archives of other names and of versions after the catalogue’s for its newest', () => {
    const newest = kata.versions[0]?.version;
    expect(kataTrialOf({ KATA_ARCHIVES: '/x/mine.tar.zst' })).toMatchObject({ version: newest });
    expect(names({ KATA_ARCHIVES: '/x/mine.tar.zst' })).toEqual(['kata-qemu-runtime-rs']);
    expect(kataTrialOf({ KATA_ARCHIVES: '/x/kata-static-9.0.0-amd64.tar.zst' })).toMatchObject({ version: newest });
  });

  it('lays nothing over a handler’s config that its shim does not read', () => {
    const all = kataVariants.flatMap(({ handlerName = '' }) => (handlerName === 'kata-remote' ? [] : handlerName));
    for (const { name, config } of kataTrialOf({ KATA_ARCHIVES: 'a', KATA_HANDLERS: all.join(',') }).handlers) {
      const { options } = kataVariants.find(({ handlerName }) => handlerName === name)!;
      const settings = leaves(parse(config));
      expect(settings.length).toBeGreaterThan(2);
      for (const setting of settings)
        expect(options?.objection(setting), `${name}: ${setting.join('.')}`).toBeUndefined();
    }
  });

  it('says what is wrong with the environment', () => {
    expect(() => kataTrialOf({})).toThrow('Cannot try Kata: KATA_ARCHIVES names no archive.');
    expect(() => kataTrialOf({ KATA_ARCHIVES: 'a', KATA_HANDLERS: 'kata' })).toThrow(
      'Cannot try Kata: KATA_HANDLERS names kata. Name some of kata-qemu, ',
    );
  });
});

const leaves = (table: object, path: readonly string[] = []): readonly (readonly string[])[] =>
  Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? leaves(value, [...path, key]) : [[...path, key]],
  );
