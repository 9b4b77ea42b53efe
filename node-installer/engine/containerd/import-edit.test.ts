// The laws of the import edit, on made-up files (fast-check) and on what is found in the field (the corpus, where it is there).
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { addImport, hasImport, removeImport } from './import-edit.ts';

const glob = '/etc/containerd/bulkhead.d/*.toml';
const own = `imports = ["${glob}"] # added by Bulkhead`;

describe('addImport()', () => {
  it.each([
    ['an empty file', '', `${own}\n`],
    ['a version alone', 'version = 3\n', `version = 3\n${own}\n`],
    ['a last line without an end', 'version = 3', `version = 3\n${own}`],
    ['Windows line ends', 'version = 2\r\n[debug]\r\n', `version = 2\r\n${own}\r\n[debug]\r\n`],
    ['no version', 'root = "/x"\n\n[debug]\n', `root = "/x"\n${own}\n\n[debug]\n`],
    ['tables only', '# mine\n[debug]\n', `${own}\n# mine\n[debug]\n`],
    ['a commented-out key', 'version = 2\n# imports = ["/x"]\n', `version = 2\n${own}\n# imports = ["/x"]\n`],
    [
      'a table of that name below',
      'version = 2\n[a]\nimports = ["/x"]\n',
      `version = 2\n${own}\n[a]\nimports = ["/x"]\n`,
    ],
    ['an empty list', 'imports = []\n', `imports = ["${glob}"]\n`],
    ['a list on one line', "imports = ['/a/*.toml']\n", `imports = ['/a/*.toml', "${glob}"]\n`],
    ['a list on lines', 'imports = [\n\t"/a",\n]\n', `imports = [\n\t"/a",\n\t"${glob}",\n]\n`],
    ['a comment behind the last', 'imports = [\n  "/a", # a\n]\n', `imports = [\n  "${glob}",\n  "/a", # a\n]\n`],
    ['brackets in strings', 'imports = ["/a]#", \'/b"\'] # c\n', `imports = ["/a]#", '/b"', "${glob}"] # c\n`],
    ['a long string above', 'a = """\nimports = [\n"""\n', `a = """\nimports = [\n"""\n${own}\n`],
  ])('edits %s with the fewest bytes', (_, text, expected) => {
    expect(addImport(text, glob)).toBe(expected);
    expect(removeImport(expected, glob)).toBe(text);
  });

  it('refuses imports that are no list of strings', () => {
    expect(() => addImport('imports = "/a"\n', glob)).toThrow(/not a list of strings/);
  });
});

describe('removeImport()', () => {
  it.each([
    [
      'our line with more in it',
      `imports = ["${glob}", "/b"] # added by Bulkhead\n`,
      'imports = ["/b"] # added by Bulkhead\n',
    ],
    ['our element alone, with a comma', `imports = [\n  "${glob}",\n]\n`, 'imports = [\n  \n]\n'],
    ['a comment before ours', `imports = ["/a", # a\n"${glob}"]\n`, 'imports = ["/a" # a\n]\n'],
    ['a comment behind ours', `imports = ["${glob}", # ours, no more\n"/b"]\n`, 'imports = [ # ours, no more\n"/b"]\n'],
    ['ours twice', `imports = ["${glob}", "/b", "${glob}"]\n`, 'imports = ["/b"]\n'],
    ['a longer name', `imports = ["${glob}.old"]\n`, `imports = ["${glob}.old"]\n`],
  ])('takes out only our own edit from %s', (_, text, expected) => {
    expect(removeImport(text, glob)).toBe(expected);
  });
});

const blank = fc.constantFrom('', ' ', '\t');
const lineEnd = fc.constantFrom('\n', '\r\n');
const comment = fc.constantFrom('', '', '# c', '# "x", [y', "# imports = ['']");
const stringText = fc.constantFrom('"/a/*.toml"', "'/b.toml'", '"./c]#\\".toml"', '"""\nd"""', "'''e'''");

/** An `imports` statement in one of the many ways it can be written. */
const importsText = fc
  .record({
    elements: fc.array(stringText, { maxLength: 3 }),
    blank,
    lineEnd,
    comment,
    lines: fc.boolean(),
    trailing: fc.boolean(),
  })
  .map(({ elements, blank: gap, lineEnd: end, comment: note, lines, trailing }) => {
    const space = lines ? `${end}${gap}` : gap;
    const body = elements.map((element, index) => {
      const comma = index < elements.length - 1 || trailing ? ',' : '';
      return `${space}${element}${comma}${lines && note ? ` ${note}` : ''}`;
    });
    return `imports${gap}=${gap}[${body.join('')}${space}]`;
  });

const statement = fc.oneof(
  fc.constantFrom(
    'version = 2',
    'version=3',
    'root = "/var"',
    "x.y = 'z'",
    '"quoted key" = [ [1], {a = 1} ]',
    'a1 = """\nimports = []\n"""',
  ),
  comment,
);
const tables = fc.constantFrom(
  '',
  '[debug]\nlevel = "info"',
  '[plugins."io.containerd.grpc.v1.cri"]\nimports = ["/no"]',
);

const rootText = fc
  .record({
    before: fc.uniqueArray(statement, { maxLength: 3 }),
    imports: fc.option(importsText, { nil: undefined }),
    after: tables,
    lineEnd,
    ended: fc.boolean(),
  })
  .map(
    ({ before, imports, after, lineEnd: end, ended }) =>
      [...before, ...(imports === undefined ? [] : [imports]), after].join(end) + (ended ? end : ''),
  )
  .filter(parses);

function parses(text: string): boolean {
  try {
    return parse(text) !== undefined;
  } catch {
    return false;
  }
}

function corpus(): [string, string][] {
  const folder = join(import.meta.dirname, '../../../../shared/corpus/containerd');
  if (!existsSync(folder)) {
    console.info(`The corpus of real configs is not at ${folder}: the laws run on made-up files only.`);
    return [];
  }
  const files = readdirSync(folder).filter((name) => name.endsWith('.toml'));
  return files
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as [string, string])
    .filter(([, text]) => parses(text));
}

/** The longest common start and end hold everything but one gap. */
function isOneInsertion(before: string, after: string): boolean {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  return after.endsWith(before.slice(start)) && after.length >= before.length;
}

function expectLaws(text: string): void {
  const added = addImport(text, glob);
  expect(addImport(added, glob)).toBe(added);
  expect(removeImport(added, glob)).toBe(text);
  expect(removeImport(text, glob)).toBe(text);
  expect(isOneInsertion(text, added)).toBe(true);
  expect(hasImport(added, glob)).toBe(true);
  const { imports, ...rest } = parse(added, { integersAsBigInt: 'asNeeded' });
  const { imports: importsBefore = [], ...restBefore } = parse(text, { integersAsBigInt: 'asNeeded' });
  expect(rest).toEqual(restBefore);
  expect((imports as string[]).toSorted()).toEqual([...(importsBefore as string[]), glob].toSorted());
}

describe('the laws of the import edit', () => {
  it('hold for made-up root files', () => {
    fc.assert(fc.property(rootText, expectLaws), { numRuns: 500 });
  });

  it.each(corpus())('hold for %s', (_, text) => {
    expectLaws(text);
  });
});
