// TOML as the engines' configs need it: read into tables, and a table of ours written.
import { parse, type TomlTable } from 'smol-toml';

export type Toml = TomlTable;

/** A byte order mark is no part of the first key. */
export function parseToml(text: string): Toml {
  return parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: 'asNeeded' });
}

/** The table at a path of keys, or an empty one. */
export function tableAt(table: Toml, ...keys: readonly string[]): Toml {
  return keys.reduce<Toml>((at, key) => {
    const value = at[key];
    return isTable(value) ? value : {};
  }, table);
}

/** A table below a blank line; `name` is as it stands between the brackets. */
export function tableText(name: string, values: Readonly<Record<string, unknown>>): string {
  return `\n[${name}]\n${Object.entries(values)
    .map(([key, value]) => `${/^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key)} = ${valueText(value)}\n`)
    .join('')}`;
}

/** JSON's strings, numbers and booleans are TOML's, but for DEL. */
export function quote(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(valueText).join(', ')}]` : quote(value);
}

export function isTable(value: unknown): value is Toml {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
