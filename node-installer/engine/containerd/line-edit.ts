// Puts whole lines into a text and takes them out again; every other byte stays where it was. It does not know what they mean.
import type { Span } from './toml-layout.ts';

export function splice(text: string, { start, end }: Span, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/**
 * `lines` at the start of a line, or behind a last line without an end, and then without one themselves.
 * *Guarantees*: {@link cutLines} of what was put there gives back the same bytes.
 */
export function insertLines(text: string, at: number, lines: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const own = lines.replaceAll('\n', lineEnd);
  const unended = at > 0 && text[at - 1] !== '\n';
  return splice(text, { start: at, end: at }, unended ? lineEnd + own : own + lineEnd);
}

/** A last line without an end was put there by us, with the end of the line before it. */
export function cutLines(text: string, { start, end }: Span): string {
  const unended = end === text.length && !text.endsWith('\n') && start > 0;
  const lineEndLength = text.slice(0, start).endsWith('\r\n') ? 2 : 1;
  return splice(text, { start: unended ? start - lineEndLength : start, end }, '');
}
