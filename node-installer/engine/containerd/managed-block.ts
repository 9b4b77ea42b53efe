// Tables of ours in a TOML file between two comments, at the file's end when they come. It knows no engine.
import { isTable, parseToml, type Toml } from '../toml.ts';
import { cutLines, insertLines } from './line-edit.ts';
import type { Span } from './toml-layout.ts';

/** Whose the tables of a block are: a SandboxRuntime's, or for all of them the engine's own runtimes. */
export type Owner = 'default runtimes' | `SandboxRuntime ${string}`;

const firstLine = (owner: Owner) => `# BEGIN ${owner}: written by Bulkhead. Changes down to END are overwritten.`;
const lastLine = (owner: Owner) => `# END ${owner}`;
const anyFirstLine = /^# BEGIN (default runtimes|SandboxRuntime \S+): written by Bulkhead\./gm;

/**
 * The text with `body`, whole tables each under a header, as the block of its owner. A block that is there keeps its place.
 * *Guarantees*: idempotent; {@link removeBlock} gives back the bytes without it; the text parses to what it did, and `body` beside it.
 * `undefined` where no such text would: the file may write the parent of a table as an inline table, or have the table already.
 */
export function setBlock(text: string, owner: Owner, body: string): string | undefined {
  const edited = placeBlock(text, owner, body);
  return parsesToBoth(edited, removeBlock(text, owner), body) ? edited : undefined;
}

/** The same for a text that is no TOML yet, such as a template: what it parses to is for the caller to find out. */
export function placeBlock(text: string, owner: Owner, body: string): string {
  const without = removeBlock(text, owner);
  const at = Math.min(spanOf(text, owner)?.start ?? text.length, without.length);
  return insertLines(without, at, `${firstLine(owner)}\n${body.trim()}\n${lastLine(owner)}`);
}

/** *Guarantees*: bytes outside the block stay, but for the line end that {@link setBlock} gave to a last line without one. */
export function removeBlock(text: string, owner: Owner): string {
  const span = spanOf(text, owner);
  return span ? removeBlock(cutLines(text, span), owner) : text;
}

/** What is in the block now, changed by somebody or not. */
export function blockBody(text: string, owner: Owner): string | undefined {
  const span = spanOf(text, owner);
  return span && text.slice(span.body.start, span.body.end);
}

export function blockOwners(text: string): Owner[] {
  return [...text.matchAll(anyFirstLine)].map(([, owner]) => owner as Owner);
}

export function removeBlocks(text: string): string {
  return blockOwners(text).reduce(removeBlock, text);
}

/** From the first comment to the end of the line of the last one. A block without its last comment is none. */
function spanOf(text: string, owner: Owner): (Span & { readonly body: Span }) | undefined {
  const start = wholeLine(text, firstLine(owner), 0);
  const last = start === undefined ? undefined : wholeLine(text, lastLine(owner), start);
  if (start === undefined || last === undefined) return undefined;
  const lineFeed = text.indexOf('\n', last);
  const body = { start: start + firstLine(owner).length, end: last };
  return { start, end: lineFeed === -1 ? text.length : lineFeed + 1, body };
}

/** Where a line stands that is `line` and nothing more: one name may begin like another. */
function wholeLine(text: string, line: string, from: number): number | undefined {
  for (let at = text.indexOf(line, from); at !== -1; at = text.indexOf(line, at + 1)) {
    const isStart = at === 0 || text[at - 1] === '\n';
    if (isStart && /^(\r?\n|$)/.test(text.slice(at + line.length))) return at;
  }
  return undefined;
}

function parsesToBoth(edited: string, without: string, body: string): boolean {
  try {
    return canonical(parseToml(edited)) === canonical(merged(parseToml(without), parseToml(body)));
  } catch {
    return false;
  }
}

function merged(into: Toml, from: Toml): Toml {
  const both = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const old = both[key];
    both[key] = isTable(old) && isTable(value) ? merged(old, value) : value;
  }
  return both;
}

/** JSON with the keys of every table in order. */
function canonical(table: Toml): string {
  return JSON.stringify(table, (_key, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    return isTable(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value;
  });
}
