// CRI-O's config as it loads it: a root file, then every file below the drop-in folder. It reads nothing; files are handed in.
import type { LoadedFile } from '../engine.ts';
import { flag } from '../find-engine.ts';
import { parseToml, tableAt, type Toml } from '../toml.ts';

export type CrioFile = LoadedFile & { readonly table: Toml };

export type CrioPaths = { readonly root: string; readonly dropIns: string };

export type ParsedCrioFile =
  | { readonly kind: 'Parsed'; readonly file: CrioFile }
  | { readonly kind: 'Unparsable'; readonly path: string; readonly why: string };

export const defaultCrioSocket = '/run/crio/crio.sock';

/** *Source*: CRI-O `getCrioFlags`. Its environment may name other paths; we do not see it. */
export function crioPaths(argv: readonly string[]): CrioPaths {
  return {
    root: flag(argv, ['config', 'c']) ?? '/etc/crio/crio.conf',
    dropIns: flag(argv, ['config-dir', 'd']) ?? '/etc/crio/crio.conf.d',
  };
}

/** *Guarantees*: a byte order mark is no fault, as it is none to CRI-O's parser; `text` has it still. */
export function parseCrioFile(path: string, bytes: Uint8Array): ParsedCrioFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: 'Parsed', file: { path, text, table: parseToml(text.replace(/^\uFEFF/, '')) } };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { kind: 'Unparsable', path, why };
  }
}

/**
 * The handlers that a file, or CRI-O's own print of its config, defines.
 * *Source*: CRI-O `UpdateFromDropInFile`: files are decoded over each other, so a handler's later table replaces
 * the earlier one whole, and all other handlers stay.
 */
export function crioHandlers(table: Toml): string[] {
  return Object.keys(crioRuntimes(table));
}

/** The table of one handler, empty where there is none. */
export function crioHandler(table: Toml, name: string): Toml {
  return tableAt(crioRuntimes(table), name);
}

/** The socket that the last file to name one names. */
export function crioSocket(files: readonly CrioFile[]): string | undefined {
  const sockets = files.map(({ table }) => tableAt(table, 'crio', 'api')['listen']);
  const socket = sockets.findLast((value) => typeof value === 'string' && value !== '');
  return typeof socket === 'string' ? socket : undefined;
}

function crioRuntimes(table: Toml): Toml {
  return tableAt(table, 'crio', 'runtime', 'runtimes');
}
