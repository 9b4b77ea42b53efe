// A host in memory: files, processes, a service that restarts by a function of the test. Every write is one effect that is counted.
import { posix } from 'node:path';
import {
  type CriAnswer,
  type FileStat,
  type Host,
  type HostProcess,
  type RunResult,
  type Snapshotter,
  unfinishedPath,
  WriteRefused,
} from '../../node-installer/host/host.ts';

type Entry = { bytes?: Uint8Array; target?: string; mode: number; changedMs: number };

export interface FakeHost extends Host {
  /** Writes so far, e.g. `replace /etc/containerd/config.toml`. */
  readonly effects: readonly string[];
  /** The machine dies right before this many more effects; `undefined` for never. */
  crashAfter: number | undefined;
  /** The disk takes this many more writes, then none; a full one still takes removals. */
  disk: { takes: number; why: WriteRefused['why']; forgives?: true } | undefined;
  now: number;
  free: number;
  running: HostProcess[];
  answer: CriAnswer;
  snapshotters: readonly Snapshotter[] | undefined;
  devices: Record<string, 'Opened' | 'Denied' | 'Broken'>;
  onRun: (argv: readonly string[]) => RunResult | Promise<RunResult>;
  onRestart: (unit: string) => RunResult | Promise<RunResult>;
  onSystemctl: (args: readonly string[]) => RunResult;
  /** Puts a file there without an effect. */
  put(path: string, text: string, mode?: number): void;
  text(path: string): string | undefined;
  /** Every path that is there, sorted. */
  paths(): string[];
}

const ok: RunResult = { exitCode: 0, stdout: '', stderr: '' };

export function fakeHost(): FakeHost {
  const entries = new Map<string, Entry>([['/', { mode: 0o755, changedMs: 0 }]]);
  const effects: string[] = [];
  let locked = false;
  const clean = (path: string) => posix.normalize(path).replace(/(.)\/$/, '$1');
  const effect = (text: string) => {
    if (host.crashAfter !== undefined && host.crashAfter-- <= 0) throw new Error(`The machine died before: ${text}.`);
    effects.push(text);
  };
  const write = (verb: string, path: string, detail = '') => {
    const isRemoval = verb.startsWith('remove');
    if (host.disk && (host.disk.why === 'ReadOnly' || !isRemoval) && host.disk.takes-- <= 0) {
      const { why, forgives } = host.disk;
      if (forgives) host.disk = undefined;
      throw new WriteRefused({ path, why });
    }
    effect(`${verb} ${path}${detail}`);
  };
  const set = (path: string, bytes: Uint8Array | undefined, mode: number) =>
    entries.set(path, { ...(bytes ? { bytes } : {}), mode, changedMs: host.now });
  const needFolder = (path: string) => {
    if (!entries.has(posix.dirname(path))) throw new Error(`ENOENT: there is no folder ${posix.dirname(path)}.`);
  };
  /** Links of files alone, which is all that is made here. */
  const followed = (path: string): string => {
    const target = entries.get(path)?.target;
    return target === undefined ? path : followed(posix.resolve(posix.dirname(path), target));
  };
  const folders = (path: string): string[] => (path === '/' ? [] : [...folders(posix.dirname(path)), path]);
  const below = (path: string) => [...entries.keys()].filter((other) => other.startsWith(`${path}/`));
  const childrenOf = (path: string) =>
    [...entries.keys()]
      .filter((other) => other !== '/' && posix.dirname(other) === path)
      .map((other) => posix.basename(other));

  const host: FakeHost = {
    arch: 'amd64',
    effects,
    crashAfter: undefined,
    disk: undefined,
    now: 1_000_000,
    free: 1e12,
    running: [],
    answer: { kind: 'Silent', why: 'nobody listens' },
    snapshotters: undefined,
    devices: {},
    onRun: () => ok,
    onRestart: () => ok,
    onSystemctl: () => ok,
    put: (path, text, mode = 0o644) => {
      for (const folder of folders(posix.dirname(path))) if (!entries.has(folder)) set(folder, undefined, 0o755);
      set(path, new TextEncoder().encode(text), mode);
    },
    text: (path) => {
      const bytes = entries.get(path)?.bytes;
      return bytes && new TextDecoder().decode(bytes);
    },
    paths: () => [...entries.keys()].toSorted(),

    read: async (path) => entries.get(followed(clean(path)))?.bytes,
    readChunks: async function* (path) {
      const bytes = entries.get(followed(clean(path)))?.bytes;
      if (!bytes) throw new Error(`ENOENT: there is no file ${path}.`);
      yield bytes;
    },
    stat: async (path) => statOf(entries.get(followed(clean(path)))),
    readLink: async (path) => entries.get(clean(path))?.target,
    list: async (path) => childrenOf(clean(path)).toSorted(),
    realPath: async (path) => clean(path),
    freeBytes: async () => host.free,
    openDevice: async (path) => host.devices[path] ?? 'Absent',

    makeFolder: async (path, mode) => {
      for (const folder of folders(clean(path)).filter((candidate) => !entries.has(candidate))) {
        write('makeFolder', folder);
        set(folder, undefined, mode);
      }
    },
    writeNew: async (path, chunks, mode) => {
      needFolder(path);
      if (entries.has(path)) throw new Error(`EEXIST: there is a file ${path} already.`);
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      write('writeNew', path);
      set(path, Buffer.concat(parts), mode);
    },
    append: async (path, chunks, mode) => {
      needFolder(path);
      write('append', path);
      for await (const chunk of chunks)
        set(path, Buffer.concat([entries.get(path)?.bytes ?? Buffer.of(), chunk]), mode);
    },
    makeLink: async (path, target) => {
      needFolder(path);
      write('makeLink', path);
      entries.set(path, { target, mode: 0o777, changedMs: host.now });
    },
    replace: async (path, bytes, mode) => {
      needFolder(path);
      write('replace', path);
      const unfinished = unfinishedPath(path);
      set(unfinished, bytes, mode);
      effect(`rename ${unfinished}`);
      entries.delete(unfinished);
      set(path, bytes, entries.get(path)?.mode ?? mode);
    },
    rename: async (from, to) => {
      needFolder(to);
      const moved = [from, ...below(from)].map((path) => [path, entries.get(path)] as const);
      if (!entries.has(from)) throw new Error(`ENOENT: there is no ${from}.`);
      write('rename', from, ` ${to}`);
      for (const [path, entry] of moved) {
        entries.delete(path);
        if (entry) entries.set(to + path.slice(from.length), entry);
      }
    },
    removeFile: async (path) => {
      if (!entries.has(path)) return;
      write('removeFile', path);
      entries.delete(path);
    },
    removeTree: async (path) => {
      if (!entries.has(path)) return;
      write('removeTree', path);
      for (const gone of [path, ...below(path)]) entries.delete(gone);
    },
    removeEmptyFolder: async (path) => {
      if (!entries.has(path) || childrenOf(path).length > 0) return;
      write('removeEmptyFolder', path);
      entries.delete(path);
    },

    processes: async () => host.running,
    run: async (argv) => {
      if (argv[0]?.endsWith('/modprobe')) effect(argv.join(' '));
      return host.onRun(argv);
    },
    restartService: async (unit) => {
      effect(`restart ${unit}`);
      return host.onRestart(unit);
    },
    systemctl: async (args) => {
      effect(`systemctl ${args.join(' ')}`);
      return host.onSystemctl(args);
    },
    lastLogLine: async () => undefined,
    askCri: async () => host.answer,
    askSnapshotters: async () => host.snapshotters,
    askDocker: async () => host.answer,
    preview: async () => {
      const [before, done] = [new Map(entries), effects.length];
      const close = async () => {
        entries.clear();
        for (const [path, entry] of before) entries.set(path, entry);
        effects.length = done;
      };
      return { host, close };
    },
    lock: async () => {
      if (locked) return undefined;
      locked = true;
      return async () => {
        locked = false;
      };
    },
    untilUnlocked: async (waitMs) => {
      if (locked) host.now += waitMs;
    },
    nowMs: () => host.now,
    sleep: async (ms) => {
      host.now += ms;
    },
  };
  return host;
}

function statOf(entry: Entry | undefined): FileStat | undefined {
  if (!entry) return undefined;
  const { bytes, mode, changedMs } = entry;
  return { kind: bytes ? 'file' : 'directory', mode, sizeBytes: bytes?.length ?? 0, changedMs };
}
