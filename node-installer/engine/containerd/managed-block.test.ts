// The laws of the managed block, on made-up files (fast-check) and on what is found in the field (the corpus, where it is there).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseToml } from '../toml.ts';
import { blockBody, blockOwners, removeBlock, removeBlocks, setBlock } from './managed-block.ts';

const body = '[a.tiny]\ntype = "x"\n';
const block = `\
# BEGIN SandboxRuntime tiny: written by Bulkhead. Changes down to END are overwritten.
[a.tiny]
type = "x"
# END SandboxRuntime tiny`;

describe('setBlock()', () => {
  it.each([
    ['an empty file', '', `${block}\n`],
    ['a table', '[a.b]\nc = 1\n', `[a.b]\nc = 1\n${block}\n`],
    ['a last line without an end', '[a.b]\nc = 1', `[a.b]\nc = 1\n${block}`],
    ['Windows line ends', 'v = 2\r\n', `v = 2\r\n${block.replaceAll('\n', '\r\n')}\r\n`],
    ['a byte order mark', '\uFEFFv = 2\n', `\uFEFFv = 2\n${block}\n`],
    ['a byte order mark alone', '\uFEFF', `\uFEFF\n${block}`],
    ['dotted keys', 'a.b.c = 1\n', `a.b.c = 1\n${block}\n`],
    ['an inline table beside', '[a]\nb = { c = 1 }\n', `[a]\nb = { c = 1 }\n${block}\n`],
  ])('puts the block behind %s', (_, text, expected) => {
    expect(setBlock(text, 'SandboxRuntime tiny', body)).toBe(expected);
    expect(removeBlock(expected, 'SandboxRuntime tiny')).toBe(text);
  });

  it('replaces what somebody made of the block, where it stands', () => {
    const text = `b = 1\n${block.replace('type', 'mine = 1 # END SandboxRuntime tiny\ntype')}\n[later]\n`;
    expect(setBlock(text, 'SandboxRuntime tiny', body)).toBe(`b = 1\n${block}\n[later]\n`);
  });

  it.each([
    ['an inline table above', 'a = { b = 1 }\n'],
    ['an inline table of that name', '[a]\ntiny = { b = 1 }\n'],
    ['the table already', '[a.tiny]\n'],
    ['a value of that name', '[a]\ntiny = 1\n'],
    ['a list of tables above', '[[a]]\nb = 1\n'],
  ])('does not join a file that has %s', (_, text) => {
    expect(setBlock(text, 'SandboxRuntime tiny', body)).toBeUndefined();
  });
});

describe('removeBlock()', () => {
  it('leaves a name that begins alike, and a block without an end', () => {
    const other = `${block.replaceAll('SandboxRuntime tiny', 'SandboxRuntime tiny-two')}\n`;
    const cutOff = block.slice(0, block.lastIndexOf('\n') + 1);
    expect(removeBlock(other, 'SandboxRuntime tiny')).toBe(other);
    expect(removeBlock(cutOff, 'SandboxRuntime tiny')).toBe(cutOff);
  });

  it('takes out a block that somebody copied', () => {
    expect(removeBlock(`a = 1\n${block}\n${block}\n`, 'SandboxRuntime tiny')).toBe('a = 1\n');
  });
});

const lineEnd = fc.constantFrom('\n', '\r\n');
const top = fc.constantFrom('', '# c', 'version = 2', 'root = "/x"', 'p.q.r = 1', 'l = """\n# BEGIN\n"""', "i = ['']");
const table = fc.constantFrom(
  '[debug]\nlevel = "info"',
  '[plugins.cri.containerd.runtimes.runc]\n  type = "r" # c',
  '[plugins."cri".containerd]\nruntimes.admin.type = "r"',
  "[plugins.'cri'.containerd.runtimes]\nadmin = { type = 'r' }",
  '[[list]]\na = 1',
  '[ plugins . cri ]\n\tx = [\n 1,\n ]\n# END SandboxRuntime a',
  '# BEGIN SandboxRuntime',
);
const fileText = fc
  .record({
    mark: fc.constantFrom('', '', '\uFEFF'),
    tops: fc.uniqueArray(top, { maxLength: 3 }),
    tables: fc.uniqueArray(table, { maxLength: 3 }),
    lineEnd,
    ended: fc.boolean(),
  })
  .map(({ mark, tops, tables, lineEnd: end, ended }) => {
    const lines = [...tops, ...tables].join('\n') + (ended ? '\n' : '');
    return mark + lines.replaceAll('\n', end);
  })
  .filter(parses);

const owners = fc.shuffledSubarray(['a', 'a-b', 'b', 'x.y'], { minLength: 2, maxLength: 3 });
const value = fc.oneof(
  fc.string(),
  fc.constantFrom('# END SandboxRuntime a', 'é\u007f"\\'),
  fc.integer(),
  fc.boolean(),
);

function parses(text: string): boolean {
  try {
    return parseToml(text) !== undefined;
  } catch {
    return false;
  }
}

function corpus(): string[] {
  const folder = join(import.meta.dirname, '../../../../shared/corpus/containerd');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.toml'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).filter(parses);
}

type Name = `SandboxRuntime ${string}`;
const bodyOf = (name: string, text: unknown) => {
  const quoted = JSON.stringify(text).replaceAll('\u007f', '\\u007f');
  return `[plugins.cri.containerd.runtimes."${name}"]\ntype = ${quoted}\n\n[plugins.cri.containerd.runtimes."${name}".options]\n`;
};

function set(text: string, name: string, content: unknown): string {
  const edited = setBlock(text, `SandboxRuntime ${name}`, bodyOf(name, content));
  if (edited === undefined) throw new Error(`Cannot put a block into ${JSON.stringify(text)}.`);
  return edited;
}

function expectLaws(text: string, names: readonly string[], first: unknown, second: unknown): void {
  const all = names.reduce((edited, name) => set(edited, name, first), text);
  const ownersNow: Name[] = names.map((name): Name => `SandboxRuntime ${name}`);
  expect(blockOwners(all)).toEqual(ownersNow);
  expect(removeBlocks(all)).toBe(text);
  for (const [index, owner] of ownersNow.entries()) {
    const [name = '', others] = [names[index], names.toSpliced(index, 1)];
    expect(set(all, name, first)).toBe(all);
    expect(removeBlock(all, owner)).toBe(others.reduce((edited, other) => set(edited, other, first), text));
    const updated = set(all, name, second);
    expect(set(updated, name, first)).toBe(all);
    expect(removeBlock(updated, owner)).toBe(removeBlock(all, owner));
    expect(parseToml(blockBody(updated, owner) ?? '')).toEqual(parseToml(bodyOf(name, second)));
  }
  const { plugins, ...rest } = parseToml(all);
  const { plugins: pluginsBefore = {}, ...restBefore } = parseToml(text);
  expect(rest).toEqual(restBefore);
  const ours = Object.fromEntries(names.map((name) => [name, { type: first, options: {} }]));
  const runtimesOf = (parsed: unknown) =>
    (parsed as { cri?: { containerd?: { runtimes?: object } } }).cri?.containerd?.runtimes ?? {};
  expect(runtimesOf(plugins)).toEqual({ ...runtimesOf(pluginsBefore), ...ours });
}

describe('the laws of the managed block', () => {
  it('hold for made-up files', () => {
    fc.assert(fc.property(fileText, owners, value, value, expectLaws), { numRuns: 500 });
  });

  it('hold when an admin edits the file around the block', () => {
    const edited = fc.tuple(fileText, table, fc.constantFrom('', '# new\n', 'added = 1\n'));
    fc.assert(
      fc.property(edited, ([text, below, above]) => {
        const lines = text.includes('\r\n') ? below.replaceAll('\n', '\r\n') : below;
        const after = (changed: string) => `${above}${changed}${changed.endsWith('\n') ? '' : '\n'}${lines}\n`;
        fc.pre(!text.startsWith('\uFEFF') && text.endsWith('\n') && parses(after(text)));
        expect(removeBlock(after(set(text, 'a', 1)), 'SandboxRuntime a')).toBe(after(text));
      }),
      { numRuns: 300 },
    );
  });

  it('hold for the corpus', () => {
    for (const text of corpus()) expectLaws(text, ['a', 'a-b'], 'x', 'y');
  });
});
