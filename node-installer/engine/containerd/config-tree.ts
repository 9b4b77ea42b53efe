// containerd's config as it loads it: the root file and everything that it imports. It reads nothing; files are handed in.
import { parseToml, type Toml } from '../toml.ts';

export type ConfigFile = { readonly path: string; readonly text: string; readonly table: Toml };

export type ConfigTree = {
  readonly rootPath: string;
  /** Absent when there is no root file: containerd runs on its defaults then and imports nothing. */
  readonly root?: ConfigFile;
  readonly imported: readonly ConfigFile[];
  /** Imports that name one file that is not there: containerd does not start with one, though `config dump` hides it. */
  readonly missingImports: readonly string[];
};

export type ParsedFile =
  | { readonly kind: 'Parsed'; readonly file: ConfigFile }
  | { readonly kind: 'Unparsable'; readonly path: string; readonly why: string };

/** *Guarantees*: what is not UTF-8 is refused. A byte order mark stays in the text; 1.x takes one, and 2.x says itself that it does not. */
export function parseConfigFile(path: string, bytes: Uint8Array): ParsedFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: 'Parsed', file: { path, text, table: parseToml(text) } };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { kind: 'Unparsable', path, why };
  }
}

/** The absolute patterns that a file imports. *Source*: containerd `resolveImports`: relative to the importing file's folder. */
export function importPatterns({ path, table }: ConfigFile): string[] {
  const imports: unknown = table['imports'] ?? [];
  const patterns = Array.isArray(imports) ? imports.filter((entry) => typeof entry === 'string') : [];
  return patterns.map((pattern) => normalize(pattern.startsWith('/') ? pattern : `${folderOf(path)}/${pattern}`));
}

/** containerd takes an import for a glob only if it holds a `*`. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/** One part of a path as Go's `filepath.Match` reads it; a leading dot is nothing special there. */
export function matchesGlob(name: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^$(){}|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(name);
}

/** Every file in the order in which containerd merges them. */
export function filesOf(tree: ConfigTree): ConfigFile[] {
  return tree.root ? [tree.root, ...tree.imported] : [];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
