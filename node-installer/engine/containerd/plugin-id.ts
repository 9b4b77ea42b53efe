// Under which plugin id containerd's CRI keeps its runtimes: in the files of a node, and in what `config dump` prints.
// Source: tried on 1.7 and 2.0 to 2.4.
import { tableAt, type Toml } from '../toml.ts';
import { type ConfigTree, filesOf } from './config-tree.ts';

export const criPluginIds = {
  /** Schema 1, which a file without `version` has. */
  oldest: 'cri',
  /** Schema 2. */
  old: 'io.containerd.grpc.v1.cri',
  /** Schema 3 and 4. */
  new: 'io.containerd.cri.v1.runtime',
} as const;

/**
 * For 2.x, the id under which the files keep their runtimes: 2.0 to 2.2 see only one of the two in a root of schema 2.
 * A root without `version` is read as if it had no CRI settings there, and the new id joins it.
 */
export function criPluginId(tree: ConfigTree): string {
  const uses = (id: string) => filesOf(tree).some(({ table }) => Object.keys(runtimesAt(table, id)).length > 0);
  const isOld = tree.root?.table['version'] === 2 && uses(criPluginIds.old) && !uses(criPluginIds.new);
  return isOld ? criPluginIds.old : criPluginIds.new;
}

/** For 1.x, which reads all files by the last `version` that one of them has. A root file that we make has one. */
export function criPluginIdFor1(tree: ConfigTree): string {
  const versions = filesOf(tree).flatMap(({ table }) => table['version'] || []);
  return tree.root && (versions.at(-1) ?? 1) === 1 ? criPluginIds.oldest : criPluginIds.old;
}

/** A binary prints its own schema, whatever the files have: 1.x prints 2, later ones a higher one. */
export function isDumpOf1(dump: Toml): boolean {
  return dump['version'] === 2;
}

/** The path of the table of runtimes in a dump. */
export function runtimesPath(dump: Toml): readonly string[] {
  return ['plugins', isDumpOf1(dump) ? criPluginIds.old : criPluginIds.new, 'containerd', 'runtimes'];
}

/** The path of the table of what handlers' images are unpacked for, in schema 3 and 4. */
export const platformsPath = ['plugins', 'io.containerd.cri.v1.images', 'runtime_platforms'] as const;

export function runtimesAt(table: Toml, pluginId: string): Toml {
  return tableAt(table, 'plugins', pluginId, 'containerd', 'runtimes');
}

/** The names of the handlers that a file defines, under any of the ids. */
export function handlersOf(table: Toml): string[] {
  return Object.values(criPluginIds).flatMap((id) => Object.keys(runtimesAt(table, id)));
}
