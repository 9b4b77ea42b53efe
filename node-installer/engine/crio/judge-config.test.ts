import { describe, expect, it } from 'vitest';
import { parseToml } from '../toml.ts';
import { defaultRuntimePath, strayHandlers } from './judge-config.ts';

const handler = (name: string, text: string) => `[crio.runtime.runtimes.${name}]\n${text}`;
const runc = handler('runc', 'runtime_path = "/r"\n');
const admins = handler('admins', 'runtime_path = "/a"\n');
const tiny = handler('tiny', 'runtime_path = "/t"\n');
/** What CRI-O prints below the last handler though it belongs to none. */
const stray = 'disable_hostport_mapping = true\n';

describe('strayHandlers()', () => {
  const changes = (before: string, after: string, defined: string[] = ['admins']) =>
    strayHandlers(parseToml(before), parseToml(after), { ours: ['tiny'], defined });

  it('finds none when ours come, and settings that belong to no handler move with them', () => {
    expect(changes(admins + runc + stray, admins + runc + tiny + stray)).toEqual([]);
  });

  it('names a handler that would change or go', () => {
    expect(changes(admins + runc, runc.replace('"/r"', '"/x"') + tiny)).toEqual(['admins', 'runc']);
  });

  it('takes a print without handlers for one with the default one alone', () => {
    expect(changes(runc + tiny, '[crio]\n', [])).toEqual([]);
    expect(changes(admins + runc + tiny, '[crio]\n')).toEqual(['admins']);
  });
});

describe('defaultRuntimePath()', () => {
  it('is what the config names, if anything', () => {
    expect(defaultRuntimePath(parseToml(`[crio.runtime]\ndefault_runtime = "runc"\n${runc}`))).toBe('/r');
    expect(defaultRuntimePath(parseToml(runc))).toBeUndefined();
  });
});
