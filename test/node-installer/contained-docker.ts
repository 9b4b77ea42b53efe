// A node made of a mount namespace and Debian's real dockerd. cri-dockerd is played: it passes on what Docker says, as the real one does.
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureCommands } from '../../hack/build/debian-packages.ts';
import { progress } from '../../hack/progress.ts';
import type { Host, HostProcess, RunResult } from '../../node-installer/host/host.ts';
import { realHost } from '../../node-installer/host/real-host.ts';
import { runProgram } from '../../node-installer/host/run-program.ts';
import { startDaemon } from '../daemon/start-daemon.ts';
import { holdNamespace } from './hold-namespace.ts';

export const daemonJson = '/etc/docker/daemon.json';
const socket = '/run/docker.sock';

export interface ContainedDocker {
  readonly host: Host;
  /** The daemon as the host sees it now; another one after a restart. */
  readonly daemon: () => Promise<HostProcess>;
  /** Signals that the installer has had sent to the daemon. */
  readonly reloads: () => number;
  /** A reload that does not arrive. */
  deaf: boolean;
  readonly docker: (...args: string[]) => Promise<RunResult>;
  /** Where a host path is for the test. */
  readonly at: (path: string) => string;
  readonly read: (path: string) => string | undefined;
  readonly write: (path: string, text: string) => void;
  stop(): Promise<void>;
}

/** Without `configText` there is no daemon.json. */
export async function containedDocker(configText?: string, flags: readonly string[] = []): Promise<ContainedDocker> {
  const packages = { dockerd: 'docker.io', docker: 'docker.io', containerd: 'containerd', runc: 'runc' };
  await ensureCommands(packages, progress('build'));
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-docker-'));
  const namespace = await holdNamespace(folder);
  const root = `/proc/${namespace.pid}/root`;
  const at = (path: string) => join(root, path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  const inside = ['nsenter', `--mount=/proc/${namespace.pid}/ns/mnt`];
  mkdirSync(at('/etc/systemd/system'), { recursive: true });
  write('/etc/os-release', 'ID=testos\nPRETTY_NAME="Test OS 1"\n');
  write('/etc/containerd/config.toml', 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  if (configText !== undefined) write(daemonJson, configText);
  const real = realHost(root, []);
  const start = (args: readonly string[], log: string, isReady: () => Promise<boolean>) =>
    startDaemon({ program: inside[0] ?? '', args: [...inside.slice(1), ...args], log, isReady, timeoutMs: 30_000 });
  const containerd = await start(['containerd'], join(folder, 'containerd.log'), async () =>
    existsSync(at('/run/containerd/containerd.sock')),
  );
  const quiet = ['--bridge=none', '--iptables=false', '--ip-forward=false', '--storage-driver=vfs'];
  const dockerd = await start(
    ['dockerd', ...quiet, '--containerd=/run/containerd/containerd.sock', ...flags],
    join(folder, 'dockerd.log'),
    async () => (await real.askDocker(socket)).kind === 'Answered',
  );
  const daemon = async () => {
    const found = (await real.processes()).find(({ pid }) => pid === dockerd.pid);
    if (!found) throw new Error('The dockerd of the test does not run any more.');
    return found;
  };
  let reloads = 0;
  const node: ContainedDocker = {
    daemon,
    reloads: () => reloads,
    deaf: false,
    docker: (...args) => runProgram([...inside, 'docker', '--host', `unix://${socket}`, ...args], 60_000),
    at,
    write,
    read: (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined),
    stop: async () => {
      await dockerd.stop();
      await containerd.stop();
      namespace.kill('SIGKILL');
      await once(namespace, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
    host: {
      ...real,
      processes: async () => [criDockerd, await daemon()],
      askCri: () => real.askDocker(socket),
      restartService: async () => {
        throw new Error('Docker must not be restarted.');
      },
      systemctl: async ([verb, unit]) => {
        if (verb === 'reload') {
          reloads += 1;
          if (unit === 'docker.service' && !node.deaf) process.kill(dockerd.pid, 'SIGHUP');
        }
        return { exitCode: 0, stdout: '', stderr: '' };
      },
      lastLogLine: async () => undefined,
    },
  };
  return node;
}

const criDockerd: HostProcess = {
  pid: 2,
  identity: 'played',
  exe: '/usr/bin/cri-dockerd',
  argv: ['/usr/bin/cri-dockerd', '--container-runtime-endpoint', 'fd://'],
  cgroups: ['/system.slice/cri-docker.service'],
  nested: false,
  startedMs: 0,
};
