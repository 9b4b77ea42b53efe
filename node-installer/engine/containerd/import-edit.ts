// Adds our import to containerd's root config and takes it out again, as splices: every other byte stays where it was.
import { parseToml } from '../toml.ts';
import { cutLines, insertLines, splice } from './line-edit.ts';
import { arrayElements, topLevelStatements, type Span, type Statement } from './toml-layout.ts';

export function hasImport(text: string, glob: string): boolean {
  return importsOf(text).includes(glob);
}

/**
 * The text with `glob` in its `imports`.
 * *Guarantees*: idempotent; {@link removeImport} gives back the same bytes; nothing but `imports` parses differently.
 * *Errors*: the parser's, for a text that is not TOML.
 */
export function addImport(text: string, glob: string): string {
  if (hasImport(text, glob)) return text;
  return proved(insert(text, glob), text, glob, 1);
}

/**
 * The text without `glob` in its `imports`; without `imports` at all when the line is the one that we added.
 * *Guarantees* and *Errors* as for {@link addImport}.
 */
export function removeImport(text: string, glob: string): string {
  const index = importsOf(text).lastIndexOf(glob);
  const statement = importsStatement(text);
  if (index === -1 || !statement) return text;
  return removeImport(proved(cut(text, statement, index, glob), text, glob, -1), glob);
}

/** The comment tells an admin whose line it is, and us that nobody has changed it. */
function ownLine(glob: string): string {
  return `imports = [${quote(glob)}] # added by Bulkhead`;
}

function insert(text: string, glob: string): string {
  const imports = importsStatement(text);
  if (imports) return insertElement(text, imports.value.start, quote(glob));
  const statements = topLevelStatements(text);
  const after = statements.find(({ key }) => isKey(key, 'version')) ?? statements.at(-1);
  return insertLines(text, after?.end ?? 0, ownLine(glob));
}

/** Laid out as the elements there are: last, or first where a comment belongs to the last one. */
function insertElement(text: string, open: number, element: string): string {
  const elements = arrayElements(text, open);
  const [first, last] = [elements[0], elements.at(-1)];
  if (!first || !last) return splice(text, { start: open + 1, end: open + 1 }, element);
  if (/^[ \t,]*#/.test(text.slice(last.end))) {
    return splice(text, { start: first.start, end: first.start }, `${element},${gapBefore(text, first)}`);
  }
  return splice(text, { start: last.end, end: last.end }, `,${gapBefore(text, last)}${element}`);
}

/** What parts an element from the one before it: a line end with the same indent, or a blank. */
function gapBefore(text: string, { start }: Span): string {
  return /\r?\n[ \t]*$/.exec(text.slice(0, start))?.[0] ?? ' ';
}

function cut(text: string, statement: Statement, index: number, glob: string): string {
  if (text.slice(statement.start, statement.end).trimEnd() === ownLine(glob)) return cutLines(text, statement);
  const elements = arrayElements(text, statement.value.start);
  const [before, own, after] = [elements[index - 1], elements[index], elements[index + 1]];
  if (!own) return text;
  if (before) return cutWithGap(text, own, { start: before.end, end: own.start });
  if (after) return cutWithGap(text, own, { start: own.end, end: after.start });
  return cutAll(text, [own, ...commasIn(text, { start: own.end, end: statement.value.end })]);
}

/** Our element and what parts it from its neighbour; a comment that somebody put between the two stays. */
function cutWithGap(text: string, own: Span, gap: Span): string {
  const commented = text.slice(gap.start, gap.end).includes('#');
  return cutAll(text, commented ? [own, ...commasIn(text, gap)] : [own, gap]);
}

function commasIn(text: string, { start, end }: Span): Span[] {
  const parts = text.slice(start, end).matchAll(/#[^\n]*|,/g);
  return [...parts]
    .filter(([part]) => part === ',')
    .map(({ index }) => ({ start: start + index, end: start + index + 1 }));
}

function cutAll(text: string, spans: readonly Span[]): string {
  return spans.toSorted((a, b) => b.start - a.start).reduce((rest, span) => splice(rest, span, ''), text);
}

/** Parsing again is what shows that an edit did what it should and nothing else. */
function proved(edited: string, original: string, glob: string, added: 1 | -1): string {
  const facts = (text: string) => {
    const own = importsOf(text).filter((entry) => entry === glob).length;
    return { ...parseToml(text), imports: importsOf(text).filter((entry) => entry !== glob), own };
  };
  const before = facts(original);
  if (canonical(facts(edited)) === canonical({ ...before, own: before.own + added })) return edited;
  throw new Error('Cannot edit the imports of the config: the edited text does not parse to the intended change.');
}

/** JSON with the keys of the top level in order: only `imports` may have moved there. */
function canonical(table: object): string {
  const sorted = Object.entries(table).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** *Errors*: `imports` that is no list of strings, which the engine refuses as well. */
function importsOf(text: string): string[] {
  const imports: unknown = parseToml(text)['imports'] ?? [];
  if (Array.isArray(imports) && imports.every((entry) => typeof entry === 'string')) return imports;
  throw new Error('Cannot read the imports of the config: they are not a list of strings.');
}

function importsStatement(text: string): Statement | undefined {
  return topLevelStatements(text).find(({ key }) => isKey(key, 'imports'));
}

function isKey(written: string, key: string): boolean {
  return [key, `"${key}"`, `'${key}'`].includes(written);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
