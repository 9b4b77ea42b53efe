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
  if (parts.length > 2) return undefined;
  return new RegExp(`^${parts.map(patternOf).join('[^]*')}$`).test(root.trim());
}

/** Any value may stand for a variable of MicroK8s' template. */
function patternOf(text: string): string {
  return text
    .split(/\$\{\w+\}/)
    .map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
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
