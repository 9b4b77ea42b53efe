// Reads containerd's config from the host as containerd would load it.
import {
  type ConfigFile,
  type ConfigTree,
  importPatterns,
  isGlob,
  matchesGlob,
  parseConfigFile,
} from '../engine/containerd/config-tree.ts';
import type { Host } from '../host/host.ts';

export type TreeReading =
  | { readonly kind: 'Read'; readonly tree: ConfigTree }
  | { readonly kind: 'Unparsable'; readonly path: string; readonly why: string };

/** *Source*: containerd `LoadConfig`: the root, then its imports breadth-first, each file once. */
export async function readConfigTree(host: Host, rootPath: string): Promise<TreeReading> {
  const files: ConfigFile[] = [];
  const missingImports: string[] = [];
  const seen = new Set<string>();
  for (const queue = [rootPath]; queue.length > 0;) {
    const path = queue.shift() ?? '';
    if (seen.has(path)) continue;
    seen.add(path);
    // Each file says which come next.
    const bytes = await host.read(path);
    if (!bytes) {
      if (path !== rootPath) missingImports.push(path);
      continue;
    }
    const parsed = parseConfigFile(path, bytes);
    if (parsed.kind === 'Unparsable') return parsed;
    files.push(parsed.file);
    queue.push(...(await Promise.all(importPatterns(parsed.file).map((pattern) => expand(host, pattern)))).flat());
  }
  const [root, ...imported] = files;
  return { kind: 'Read', tree: { rootPath, ...(root ? { root } : {}), imported, missingImports } };
}

async function expand(host: Host, pattern: string): Promise<string[]> {
  if (!isGlob(pattern)) return [pattern];
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    paths = (await Promise.all(paths.map((path) => below(host, path, part)))).flat();
  }
  return paths;
}

async function below(host: Host, folder: string, part: string): Promise<string[]> {
  if (!/[*?[]/.test(part)) return [`${folder}/${part}`];
  const names = await host.list(folder === '' ? '/' : folder);
  return names.filter((name) => matchesGlob(name, part)).map((name) => `${folder}/${name}`);
}
