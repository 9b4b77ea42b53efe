// The port through which the installer reaches a host: files, processes, the engine, the clock. It decides nothing.
import { basename, dirname, join } from 'node:path/posix';

/** *Shape*: `changedMs` is the later of the last change of content and of inode, as Unix time. */
export type FileStat = {
  readonly kind: 'file' | 'directory' | 'other';
  readonly mode: number;
  readonly sizeBytes: number;
  readonly changedMs: number;
};

/** A process as `/proc` shows it. */
export type HostProcess = {
  readonly pid: number;
  /** No other process has it, not even one with the same PID after this one or after a reboot. */
  readonly identity: string;
  /** Host path of the program; absent when we may not know it. */
  readonly exe?: string;
  /** Of a program whose file is gone, or has no path on the host: the files that it has mapped, such as its libraries. */
  readonly mapped?: readonly string[];
  readonly argv: readonly string[];
  /** Control groups, as in `/proc/<pid>/cgroup`, e.g. `/system.slice/containerd.service`. */
  readonly cgroups: readonly string[];
  /** It lives in a PID namespace inside the host's, so it is part of a container. */
  readonly nested: boolean;
  readonly startedMs: number;
};

export type RunResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** What an engine says over its CRI socket. `handlers` has no entry for the nameless default. */
export type CriAnswer =
  | {
      readonly kind: 'Answered';
      readonly engineName: string;
      readonly engineVersion: string;
      readonly runtimeReady: boolean;
      readonly notReadyBecause: string;
      readonly handlers: readonly string[];
    }
  /**
   * `isForGood`: the engine serves, and no CRI is or will be among what it serves.
   * `isLate`: it took the question and has not answered in time, as one does that hangs or whose node has no CPU to spare.
   */
  | { readonly kind: 'Silent'; readonly why: string; readonly isForGood?: true; readonly isLate?: true };

/** A disk that takes no write: an expected outcome, unlike every other error of a host. */
export class WriteRefused extends Error {
  readonly path: string;
  readonly why: 'Full' | 'OverQuota' | 'ReadOnly';
  /** As far as they are known: what the write needs, and what the disk says it has. */
  readonly neededBytes: number | undefined;
  readonly freeBytes: number | undefined;

  constructor(
    { path, why, neededBytes, freeBytes }: Pick<WriteRefused, 'path' | 'why'> & Partial<WriteRefused>,
    cause?: unknown,
  ) {
    super(`${path}: ${why}`, { cause });
    this.path = path;
    this.why = why;
    this.neededBytes = neededBytes;
    this.freeBytes = freeBytes;
  }
}

/** Of containerd; with the fault, in its words, that kept it from loading. */
export type Snapshotter = { readonly name: string; readonly fault?: string };

/** `close` takes away what was written. */
export type Preview = { readonly host: Host; readonly close: () => Promise<void> };

/**
 * A host. All paths are absolute host paths; symbolic links are followed as the host would follow them.
 * What is absent reads as `undefined`, as an empty list, and is removed without complaint.
 * *Errors*: everything that writes throws {@link WriteRefused} when the disk takes no write, and leaves no file half-written.
 */
export interface Host {
  /** Kubernetes' spelling, e.g. `amd64`. */
  readonly arch: string;

  read(path: string): Promise<Uint8Array | undefined>;
  /** The content in pieces, for files too large for memory. Throws where there is no file. */
  readChunks(path: string): AsyncIterable<Uint8Array>;
  stat(path: string): Promise<FileStat | undefined>;
  /** The target of a symbolic link as it is written; `undefined` for anything else. */
  readLink(path: string): Promise<string | undefined>;
  /** Names in a folder, sorted. */
  list(path: string): Promise<readonly string[]>;
  /** The path without symbolic links, as far as it exists. */
  realPath(path: string): Promise<string>;
  /** Bytes that may still be written to the file system that `path` is, or will be, on. */
  freeBytes(path: string): Promise<number>;
  /** Whether a device can be opened for writing; `Denied` says nothing about the device. */
  openDevice(path: string): Promise<'Opened' | 'Absent' | 'Denied' | 'Broken'>;

  makeFolder(path: string, mode: number): Promise<void>;
  /** Writes a new file and its bytes to the disk. */
  writeNew(path: string, chunks: AsyncIterable<Uint8Array>, mode: number): Promise<void>;
  /** Writes at the end of a file, which is made if it is not there; what came before an error stays. It need not be on disk yet. */
  append(path: string, chunks: AsyncIterable<Uint8Array>, mode: number): Promise<void>;
  makeLink(path: string, target: string): Promise<void>;
  /** Puts `bytes` in place of a file as a whole: other readers see the old bytes or the new ones. Owner and mode stay; `mode` is for a new file. */
  replace(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** Renames, and has the new name on disk before it returns. */
  rename(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** Removes a folder if nothing is in it. */
  removeEmptyFolder(path: string): Promise<void>;

  processes(): Promise<readonly HostProcess[]>;
  /** Runs one of the host's programs on the host's files, in no other namespace of it. Not started: exit code 126 or 127. */
  run(argv: readonly string[]): Promise<RunResult>;
  /** Restarts a service of the host and waits until its manager calls it started. */
  restartService(unit: string): Promise<RunResult>;
  /** Asks the host's service manager for anything else, in systemctl's words. */
  systemctl(args: readonly string[]): Promise<RunResult>;
  /** Last line that a service logged, where the host keeps it. */
  lastLogLine(unit: string): Promise<string | undefined>;
  askCri(socket: string): Promise<CriAnswer>;
  /** `undefined` for an engine that does not say. */
  askSnapshotters(socket: string): Promise<readonly Snapshotter[] | undefined>;
  /** Asks a Docker daemon at the socket of its own API. */
  askDocker(socket: string): Promise<CriAnswer>;

  /**
   * The same host for one who must not change it: what is written is seen by whoever reads, and by programs that `run` starts,
   * and is nowhere on the host. `undefined` where the host's programs cannot see it.
   */
  preview(): Promise<Preview | undefined>;

  /**
   * Keeps other installers off the host until the release is called or this process ends.
   * `undefined` when another one still holds it after `waitMs`.
   */
  lock(waitMs: number): Promise<(() => Promise<void>) | undefined>;
  /** Waits while another installer holds the host, at most `waitMs`. It keeps nobody off, and needs no right to write. */
  untilUnlocked(waitMs: number): Promise<void>;
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

const unfinishedSuffix = '.bulkhead-new';

/**
 * Where the new bytes of a file lie until they take its place.
 * A fixed name, so that what a crash leaves is known for what it is; no glob for *.toml takes it.
 * For a file in a folder of drop-ins it lies above that folder, since CRI-O reads every file in its own, whatever the name.
 */
export function unfinishedPath(path: string): string {
  const folder = dirname(path);
  return join(folder.endsWith('.d') ? dirname(folder) : folder, `${basename(path)}${unfinishedSuffix}`);
}

export function isUnfinished(name: string): boolean {
  return name.endsWith(unfinishedSuffix);
}
