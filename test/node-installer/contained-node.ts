// A node made of a mount namespace and a real containerd: its /etc, /opt, /run and /var/lib are folders of the test.
// The installer sees it through /proc/<pid>/root, as it sees a host under /host. What restarts the engine is the test, not systemd.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import type { Host } from '../../node-installer/host/host.ts';
import { realHost } from '../../node-installer/host/real-host.ts';
import type { ContainerdLine } from '../containerd/start-containerd.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';

const ownFolders = ['etc', 'opt', 'run', 'var/lib'];
export const configPath = '/etc/containerd/config.toml';
const socket = '/run/containerd/containerd.sock';

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
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string | undefined;
  startEngine(): Promise<void>;
  stop(): Promise<void>;
}

/** Without `configText` there is no config file at all. The engine does not run yet. */
export async function containedNode(line: ContainerdLine, configText: string | undefined): Promise<ContainedNode> {
  const say = progress('build');
  const [containerd, runc] = await Promise.all([ensure(`containerd-${line}`, say), ensure('runc', say)]);
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-node-'));
  const at = (path: string) => join(folder, path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  for (const own of [...ownFolders, 'etc/systemd/system']) mkdirSync(at(own), { recursive: true });
  write('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS 1"\n');
  if (configText !== undefined) write(configPath, configText);
  const namespace = await holdNamespace(folder);
  const real = realHost(`/proc/${namespace.pid}/root`, []);
  let engine: Daemon | undefined;
  let restarts = 0;

  const startEngine = async () => {
    engine = await startDaemon({
      program: 'nsenter',
      args: [`--mount=/proc/${namespace.pid}/ns/mnt`, join(containerd, 'containerd')],
      env: { PATH: [containerd, runc, process.env['PATH']].join(delimiter) },
      log: at('containerd.log'),
      isReady: async () => (await real.askCri(socket)).kind === 'Answered',
      timeoutMs: 15_000,
    });
  };
  const node: ContainedNode = {
    allProcesses: real.processes,
    restarts: () => restarts,
    sabotage: undefined,
    at,
    write,
    read: (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined),
    startEngine,
    stop: async () => {
      await engine?.stop();
      namespace.kill('SIGKILL');
      await once(namespace, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
    host: {
      ...real,
      // The machine runs other engines, which a node of its own would not.
      processes: async () => (await real.processes()).filter(({ pid }) => pid === engine?.pid),
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
      lastLogLine: async () => readFileSync(at('containerd.log'), 'utf8').trimEnd().split('\n').at(-1),
    },
  };
  return node;
}

async function holdNamespace(folder: string): Promise<ChildProcess & { pid: number }> {
  const binds = ownFolders.map((own) => `mount --bind ${join(folder, own)} /${own}`);
  const script = [...binds, 'echo ready', 'exec sleep infinity'].join(' && ');
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', 'sh', '-c', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.pid === undefined || child.exitCode !== null)
    throw new Error(`Cannot make a mount namespace: ${String(said)}.`);
  return child as unknown as ChildProcess & { pid: number };
}
