// A node made of a mount namespace and a real containerd: its /etc, /opt, /run and /var/lib are folders of the test.
// The installer sees it through /proc/<pid>/root, as it sees a host under /host. What restarts the engine is the test, not systemd.
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import type { Host, RunResult } from '../../node-installer/host/host.ts';
import { realHost } from '../../node-installer/host/real-host.ts';
import { runProgram } from '../../node-installer/host/run-program.ts';
import { type FakeDistribution, serviceProcesses } from '../fakes/distribution.ts';
import type { ContainerdLine } from '../containerd/start-containerd.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';
import { holdNamespace } from './hold-namespace.ts';

export const configPath = '/etc/containerd/config.toml';
const plainSocket = '/run/containerd/containerd.sock';

export interface ContainedNode {
  readonly host: Host;
  /** Not of the node alone: every process of the machine. */
  readonly allProcesses: Host['processes'];
  /** Times that the installer restarted the engine. */
  readonly restarts: () => number;
  /** What is to happen instead of a restart, or before it. */
  sabotage: (() => void) | undefined;
  /** Where a host path is for the test. */
  readonly at: (path: string) => string;
  /** What the engine has logged. */
  readonly log: () => string;
  /** Runs a program that sees the files of the node. */
  readonly inside: (...argv: string[]) => Promise<RunResult>;
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string | undefined;
  startEngine(): Promise<void>;
  /** Puts another containerd in its place, as an upgrade of the node does, and starts it. */
  replaceEngine(line: ContainerdLine): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Without `configText` there is no config file at all; a distribution writes its own at each start. The engine does not run yet.
 * With `diskBytes`, /etc, /opt and /var/lib are on a file system of that size, and the engine's own data are not.
 */
export async function containedNode(
  line: ContainerdLine,
  configText: string | undefined,
  { diskBytes, distribution }: { readonly diskBytes?: number; readonly distribution?: FakeDistribution } = {},
): Promise<ContainedNode> {
  const say = progress('build');
  let containerd = await ensure(`containerd-${line}`, say);
  const runc = await ensure('runc', say);
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-node-'));
  const log = join(folder, 'containerd.log');
  const namespace = await holdNamespace(folder, diskBytes);
  const root = `/proc/${namespace.pid}/root`;
  const at = (path: string) => join(root, path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  mkdirSync(at('/etc/systemd/system'), { recursive: true });
  write('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS 1"\n');
  if (configText !== undefined) write(configPath, configText);
  const real = realHost(root, []);
  const read = (path: string) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined);
  const program = distribution?.program
    ? manyNamed(at, distribution.program, containerd)
    : join(containerd, 'containerd');
  const socket = distribution?.socket ?? plainSocket;
  const flags = distribution ? ['-c', distribution.configPath, '-a', socket] : engineRoot(diskBytes);
  for (const [path, text] of Object.entries(distribution?.files ?? {})) write(path, text);
  let engine: Daemon | undefined;
  let restarts = 0;

  const startEngine = async () => {
    if (distribution) write(distribution.configPath, distribution.render(read));
    engine = await startDaemon({
      program: 'nsenter',
      args: [`--mount=/proc/${namespace.pid}/ns/mnt`, program, ...flags],
      env: { PATH: [containerd, runc, process.env['PATH']].join(delimiter) },
      log,
      isReady: async () => (await real.askCri(socket)).kind === 'Answered',
      timeoutMs: 15_000,
    });
  };
  const stopWatching = watchFolder(distribution?.watchedFolder && at(distribution.watchedFolder), async () => {
    await engine?.stop();
    node.sabotage?.();
    await startEngine();
  });
  const node: ContainedNode = {
    allProcesses: real.processes,
    restarts: () => restarts,
    sabotage: undefined,
    at,
    log: () => readFileSync(log, 'utf8'),
    inside: (...argv) => runProgram(['nsenter', `--mount=/proc/${namespace.pid}/ns/mnt`, ...argv], 60_000),
    write,
    read,
    startEngine,
    replaceEngine: async (other) => {
      await engine?.stop();
      containerd = await ensure(`containerd-${other}`, say);
      await startEngine();
    },
    stop: async () => {
      stopWatching();
      await engine?.stop();
      namespace.kill('SIGKILL');
      await once(namespace, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
    host: {
      ...real,
      // The machine runs other engines, which a node of its own would not.
      processes: async () => {
        const own = (await real.processes()).filter(({ pid }) => pid === engine?.pid);
        return distribution ? own.flatMap((process) => serviceProcesses(distribution, process)) : own;
      },
      restartService: async () => {
        restarts += 1;
        await engine?.stop();
        try {
          node.sabotage?.();
          await startEngine();
          return { exitCode: 0, stdout: '', stderr: '' };
        } catch {
          return { exitCode: 1, stdout: '', stderr: 'Job for containerd.service failed.' };
        }
      },
      // There is no service manager, so the dead man's switch is written and never fires.
      systemctl: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
      lastLogLine: async () => readFileSync(log, 'utf8').trimEnd().split('\n').at(-1),
    },
  };
  return node;
}

/** Does something half a second after what is in a folder has changed; a failure is the engine's, and seen by who asks it. */
function watchFolder(folder: string | undefined, act: () => Promise<void>): () => void {
  const state = () =>
    (folder !== undefined && existsSync(folder)
      ? readdirSync(folder).map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
      : []
    ).join('\n');
  let before = state();
  const timer = setInterval(() => {
    const now = state();
    if (now === before) return;
    before = now;
    void act().catch(() => {});
  }, 500);
  return () => clearInterval(timer);
}

/** Gives containerd another name on the node, and the host path of a link that calls it by its own. */
function manyNamed(at: (path: string) => string, program: string, containerd: string): string {
  const link = join(dirname(program), 'containerd');
  mkdirSync(dirname(at(program)), { recursive: true });
  copyFileSync(join(containerd, 'containerd'), at(program));
  symlinkSync(basename(program), at(link));
  return link;
}

/** The flag wins over the config, which the installer reads. */
function engineRoot(diskBytes: number | undefined): string[] {
  return diskBytes === undefined ? [] : ['--root', '/run/containerd-root'];
}
