// What one entry of spec.handlers needs of a node: its variant's needs, with the memory that the entry gives its guests.
import { parse, type TomlTable } from 'smol-toml';
import type { NodeNeeds } from '../../crds/node-needs.ts';
import type { SandboxRuntimeHandler } from '../../crds/sandbox-runtime.ts';
import type { Variant } from '../../runtime/family.ts';

const bytesPerMiB = 1024 * 1024;

/** For a handler whose config is TOML. */
export function handlerNeeds(
  { config = '' }: SandboxRuntimeHandler,
  { needs = {}, sharedMemory }: Variant,
): Partial<NodeNeeds> {
  if (!sharedMemory) return needs;
  const set = valueAt(parse(config), sharedMemory.at);
  const mebibytes = typeof set === 'number' ? set : sharedMemory.defaultMiB;
  return { ...needs, sharedMemoryBytes: mebibytes * bytesPerMiB };
}

function valueAt(table: TomlTable, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isTable(value) ? value[key] : undefined), table);
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
