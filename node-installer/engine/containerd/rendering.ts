// Whether a root config is what its template says now. It renders nothing: it compares what both have in common.
import { parseToml, tableAt } from '../toml.ts';

const base = /\{\{-?\s*template\s+"base"\s+\.\s*-?\}\}/;

/**
 * False for a template of which the root shows that it was changed later; `undefined` where the texts do not tell.
 * *Shape*: both without blocks of ours.
 */
export function isRenderingOf(root: string, template: string): boolean | undefined {
  const parts = template.split(base).map((part) => part.trim());
  if (parts.some((part) => part.includes('{{'))) return undefined;
  const [head = '', tail] = parts;
  if (tail === undefined) return root.trim() === head;
  if (parts.length > 2) return undefined;
  const rendered = root.trim();
  return rendered.length >= head.length + tail.length && rendered.startsWith(head) && rendered.endsWith(tail);
}

/** A template that leaves out everything that the distribution's own config sets. */
export function isStub(template: string): boolean {
  if (template.includes('{{')) return false;
  try {
    return Object.keys(tableAt(parseToml(template), 'plugins')).length === 0;
  } catch {
    return false;
  }
}
