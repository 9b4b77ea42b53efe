// Docker's daemon.json as dockerd reads it. It reads nothing itself; the bytes are handed in.
import { firstAt, members } from './json-layout.ts';

export type DaemonJson = {
  /** Absent without a file. */
  readonly text: string | undefined;
  /** Absent without the key. */
  readonly runtimes?: Readonly<Record<string, unknown>>;
  readonly defaultRuntime: string | undefined;
};

export type DaemonJsonReading =
  | { readonly kind: 'Read'; readonly config: DaemonJson }
  | { readonly kind: 'Unreadable'; readonly why: string };

/** *Guarantees*: a file without content is one without settings, as it is to a dockerd of today. */
export function readDaemonJson(bytes: Uint8Array | undefined): DaemonJsonReading {
  const empty = { defaultRuntime: undefined };
  if (!bytes) return { kind: 'Read', config: { text: undefined, ...empty } };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (isBlank(text)) return { kind: 'Read', config: { text, ...empty } };
    return read(text, JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    return unreadable(`it is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

function read(text: string, config: unknown): DaemonJsonReading {
  if (!isObject(config)) return unreadable('it is not a JSON object');
  const { runtimes, 'default-runtime': defaultRuntime } = config;
  if (runtimes !== undefined && !isObject(runtimes)) return unreadable('its runtimes are not a JSON object');
  const own = members(text, firstAt(text)).filter(({ key }) => key === 'runtimes');
  const names = own.flatMap(({ value }) => members(text, value.start).map(({ key }) => key));
  const twice = own.length > 1 ? 'runtimes' : names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return unreadable(`it has ${twice} twice`);
  return {
    kind: 'Read',
    config: {
      text,
      ...(runtimes ? { runtimes } : {}),
      defaultRuntime: typeof defaultRuntime === 'string' ? defaultRuntime : undefined,
    },
  };
}

function unreadable(why: string): DaemonJsonReading {
  return { kind: 'Unreadable', why };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
