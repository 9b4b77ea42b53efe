// Where things stand in a JSON text: the members of an object. It parses no values; JSON.parse does.
// It expects a text that JSON.parse has accepted, so it has no errors of its own.

export type Span = { readonly start: number; readonly end: number };

/** *Shape*: `start`–`end` is key and value. */
export type Member = Span & { readonly key: string; readonly value: Span };

/** The members of the object whose brace opens at `open`. */
export function members(text: string, open: number): Member[] {
  const found: Member[] = [];
  for (let at = skip(text, open + 1, ','); text[at] !== '}'; at = skip(text, at, ',')) {
    const keyEnd = endOfString(text, at);
    const start = skip(text, keyEnd, ':');
    const value = { start, end: endOfValue(text, start) };
    found.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, start: at, end: value.end, value });
    at = value.end;
  }
  return found;
}

/** Where the first thing of the text is, past blanks and a byte order mark. */
export function firstAt(text: string): number {
  return skip(text, 0, '\uFEFF');
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first === '{' || first === '[') return endOfBrackets(text, start);
  const end = /[\s,\]}]/g;
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    const char = text[at] ?? '';
    if (char === '"') {
      at = endOfString(text, at);
      continue;
    }
    if ('{['.includes(char)) depth += 1;
    if ('}]'.includes(char)) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return text.length;
}

function skip(text: string, start: number, also: string): number {
  let at = start;
  while (at < text.length && (' \t\r\n'.includes(text[at] ?? '') || text[at] === also)) at += 1;
  return at;
}
