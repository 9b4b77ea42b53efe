// Where things stand in a TOML text: its top-level statements and the elements of an array. It parses no values; smol-toml does.
// It expects a text that a TOML parser has accepted, so it has no errors of its own.

export type Span = { readonly start: number; readonly end: number };

/** *Shape*: `start`–`end` is the whole of the lines, their end included; `value` is the value alone. */
export type Statement = Span & { readonly key: string; readonly value: Span };

/** The statements above the first table header. */
export function topLevelStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  for (let at = skipBlank(text, 0); at < text.length && text[at] !== '['; at = skipBlank(text, at)) {
    const equals = endOfKey(text, at);
    const value = { start: skipSpaces(text, equals + 1), end: 0 };
    value.end = endOfValue(text, value.start);
    const end = endOfLine(text, value.end);
    statements.push({ key: text.slice(at, equals).trim(), value, start: startOfLine(text, at), end });
    at = end;
  }
  return statements;
}

/** The elements of the array whose bracket opens at `open`. */
export function arrayElements(text: string, open: number): Span[] {
  const elements: Span[] = [];
  for (let at = skipBlank(text, open + 1); text[at] !== ']'; at = skipBlank(text, at)) {
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    const end = endOfValue(text, at);
    elements.push({ start: at, end });
    at = end;
  }
  return elements;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"' || first === "'") return endOfString(text, start);
  if (first === '[' || first === '{') return endOfBrackets(text, start);
  const bare = /[,\]}#\r\n]/g;
  bare.lastIndex = start;
  const end = bare.exec(text)?.index ?? text.length;
  return start + text.slice(start, end).trimEnd().length;
}

function endOfString(text: string, start: number): number {
  const quote = text[start] ?? '"';
  const long = text.startsWith(quote.repeat(3), start);
  for (let at = start + (long ? 3 : 1); at < text.length; at += 1) {
    if (text[at] === '\\' && quote === '"') at += 1;
    else if (!long && text[at] === quote) return at + 1;
    else if (long && text.startsWith(quote.repeat(3), at)) return at + runOf(text, at, quote);
  }
  return text.length;
}

/** A long string may end in one or two quotes of its own, right before the closing three. */
function runOf(text: string, at: number, quote: string): number {
  let length = 3;
  while (length < 5 && text[at + length] === quote) length += 1;
  return length;
}

function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    const char = text[at];
    if (char === '"' || char === "'") at = endOfString(text, at);
    else if (char === '#') at = lineFeed(text, at);
    else {
      if (char === '[' || char === '{') depth += 1;
      if (char === ']' || char === '}') depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

/** The `=` after a key, which may be quoted and dotted. */
function endOfKey(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '=') {
    at = text[at] === '"' || text[at] === "'" ? endOfString(text, at) : at + 1;
  }
  return at;
}

/** Past blanks, line ends, comments and a byte order mark. */
function skipBlank(text: string, start: number): number {
  let at = start;
  for (;;) {
    if (text[at] === '#') at = lineFeed(text, at);
    else if (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
    else return at;
  }
}

function skipSpaces(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function endOfLine(text: string, at: number): number {
  return Math.min(lineFeed(text, at) + 1, text.length);
}

function lineFeed(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found;
}
