// A host made of a mount namespace, as the installer sees one, with the means to put files there and to start engines in it.
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host, RunResult } from '../../node-installer/host/host.ts';
import { realHost } from '../../node-installer/host/real-host.ts';
import { runProgram } from '../../node-installer/host/run-program.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';
import { holdNamespace } from './hold-namespace.ts';

export interface ContainedHost {
  /** Sees every process of the machine, and reaches the service manager of the machine: not for the installer as it is. */
  readonly real: Host;
  /** Where the host's root is for the test. */
  readonly root: string;
  /** Where a host path is for the test. */
  readonly at: (path: string) => string;
  readonly read: (path: string) => string | undefined;
  readonly write: (path: string, text: string) => void;
  readonly run: (...argv: string[]) => Promise<RunResult>;
  /** What all that was started in it has logged. */
  readonly log: () => string;
  start(argv: readonly string[], isReady: () => Promise<boolean>, options?: StartOptions): Promise<Daemon>;
  /** After all that was started in it. */
  stop(): Promise<void>;
}

interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** `files` by path, beside what every host has. With `diskBytes`, its folders but /run are on a file system of that size. */
export async function containedHost(
  files: Readonly<Record<string, string>>,
  diskBytes?: number,
): Promise<ContainedHost> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-host-'));
  const logPath = join(folder, 'engines.log');
  const namespace = await holdNamespace(folder, diskBytes);
  const root = `/proc/${namespace.pid}/root`;
  const inside = ['nsenter', `--mount=/proc/${namespace.pid}/ns/mnt`] as const;
  const at = (path: string) => join(root, path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  mkdirSync(at('/etc/systemd/system'), { recursive: true });
  write('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS 1"\n');
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    real: realHost(root, []),
    root,
    at,
    write,
    read: (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined),
    run: (...argv) => runProgram([...inside, ...argv], 60_000),
    log: () => readFileSync(logPath, 'utf8'),
    start: (argv, isReady, { env, timeoutMs = 30_000 } = {}) => {
      const [program, namespaceFlag] = inside;
      const args = [namespaceFlag, ...argv];
      return startDaemon({ program, args, ...(env && { env }), log: logPath, isReady, timeoutMs });
    },
    stop: async () => {
      namespace.kill('SIGKILL');
      await once(namespace, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
