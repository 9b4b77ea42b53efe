// A node made of a mount namespace and a real containerd: its /etc, /opt, /run and /var/lib are folders of the test.
// The installer sees it through /proc/<pid>/root, as it sees a host under /host. What restarts the engine is the test, not systemd.
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import type { CriAnswer, Host, RunResult } from '../../node-installer/host/host.ts';
import { previewOf } from '../../node-installer/host/preview-host.ts';
import { readProcesses } from '../../node-installer/host/read-processes.ts';
import { type FakeDistribution, serviceProcesses } from '../fakes/distribution.ts';
import type { ContainerdLine } from '../containerd/start-containerd.ts';
import type { Daemon } from '../daemon/start-daemon.ts';
import { containedHost } from './contained-host.ts';

export const configPath = '/etc/containerd/config.toml';
const plainSocket = '/run/containerd/containerd.sock';

export interface ContainedNode {
  readonly host: Host;
  /** Not of the node alone: every process of the machine. */
  readonly allProcesses: Host['processes'];
  /** The engine's binary. */
  readonly program: () => string;
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

interface NodeOptions {
  /** Then /etc, /opt and /var/lib are on a file system of that size, and the engine's own data are not. */
  readonly diskBytes?: number | undefined;
  /** It writes the config at each start. */
  readonly distribution?: FakeDistribution;
  /** For the engine; they win over its config. */
  readonly flags?: readonly string[];
}

/** Without `configText` there is no config file at all. The engine does not run yet. */
export async function containedNode(
  line: ContainerdLine,
  configText: string | undefined,
  {
    diskBytes,
    distribution,
    flags = diskBytes === undefined ? [] : ['--root', '/run/containerd-root'],
  }: NodeOptions = {},
): Promise<ContainedNode> {
  const say = progress('build');
  let containerd = await ensure(`containerd-${line}`, say);
  const runc = await ensure('runc', say);
  const files = configText === undefined ? {} : { [configPath]: configText };
  const contained = await containedHost(files, diskBytes);
  const { real, root, at, write, read, run: inside, log } = contained;
  const named = distribution?.program && manyNamed(at, distribution.program, containerd);
  const program = () => named ?? join(containerd, 'containerd');
  const socket = distribution?.socket ?? plainSocket;
  const ownFlags = distribution ? ['-c', distribution.configPath, '-a', socket] : flags;
  for (const [path, text] of Object.entries(distribution?.files ?? {})) write(path, text);
  let engine: Daemon | undefined;
  let restarts = 0;

  const startEngine = async () => {
    if (distribution) write(distribution.configPath, distribution.render(read));
    engine = await contained.start([program(), ...ownFlags], async () => isUp(await real.askCri(socket)), {
      env: { PATH: [containerd, runc, process.env['PATH']].join(delimiter) },
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
    program,
    restarts: () => restarts,
    sabotage: undefined,
    at,
    log,
    inside,
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
      await contained.stop();
    },
    host: {
      ...real,
      preview: () => previewOf(node.host, root, { scratch: tmpdir(), tools: [] }),
      // In a root of another mount namespace, which a host's is not, a program could mount nothing.
      run: (argv) => inside(...argv),
      // The machine runs other engines, which a node of its own would not.
      processes: async () => {
        const own = readProcesses(join(root, 'proc'), Date.now(), engine ? [engine.pid] : []);
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
      lastLogLine: async () => log().trimEnd().split('\n').at(-1),
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

/** As for a service manager: an engine whose CRI is off or dead is up. */
function isUp(answer: CriAnswer): boolean {
  return answer.kind === 'Answered' || answer.why.includes('unknown service');
}
