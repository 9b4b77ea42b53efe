// The runtimes that containerd 1.x has of itself and forgets as soon as a file names one: tables that keep them.
// Source: tried on 1.7. `runtimes` in a file takes the place of the default one, in which runc is.
import { isTable, parseToml, quote, tableAt, tableText, type Toml } from '../toml.ts';
import type { ConfigTree } from './config-tree.ts';
import { blockBody, blockOwners, removeBlocks } from './managed-block.ts';
import { criPluginIdFor1, handlersOf, runtimesAt, runtimesPath } from './plugin-id.ts';

/** `undefined` where the root file has runtimes apart from ours. */
export function defaultRuntimes(tree: ConfigTree, dump: Toml): string | undefined {
  const text = tree.root?.text ?? '';
  const id = criPluginIdFor1(tree);
  if (Object.keys(runtimesAt(parseToml(removeBlocks(text)), id)).length > 0) return undefined;
  const added = handlersOfSandboxRuntimes(text);
  const runtimes = tableAt(dump, ...runtimesPath(dump));
  const tables = Object.keys(runtimes)
    .filter((name) => !added.includes(name))
    .map((name) => runtimeText(id, name, tableAt(runtimes, name)));
  return tables.length === 0 ? undefined : `${explanation}\n${tables.join('')}`;
}

const explanation =
  '# containerd 1.x has these runtimes as long as no file names one. Delete this block to write runtimes here.';

function handlersOfSandboxRuntimes(text: string): string[] {
  return blockOwners(text)
    .filter((owner) => owner !== 'default runtimes')
    .flatMap((owner) => handlersOf(parseToml(blockBody(text, owner) ?? '')));
}

/** What a runtime has of its own; an empty setting is one that is not there. */
function runtimeText(id: string, name: string, { options = {}, ...settings }: Toml): string {
  const table = `plugins.${quote(id)}.containerd.runtimes.${quote(name)}`;
  const set = Object.entries(settings).filter(([, value]) => !isEmpty(value));
  return tableText(table, Object.fromEntries(set)) + (isTable(options) ? tableText(`${table}.options`, options) : '');
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === false || value === 0 || (Array.isArray(value) && value.length === 0);
}
