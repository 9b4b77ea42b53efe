// A contained host with Debian's real dockerd. cri-dockerd is played: it passes on what Docker says, as the real one does.
import { execFileSync } from 'node:child_process';
import { ensureCommands } from '../../hack/build/debian-packages.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import type { Host, HostProcess, RunResult } from '../../node-installer/host/host.ts';
import { type ContainedHost, containedHost } from './contained-host.ts';

export const daemonJson = '/etc/docker/daemon.json';
export const dockerSocket = '/run/docker.sock';
const containerdSocket = '/run/containerd/containerd.sock';

export interface ContainedDocker extends Pick<ContainedHost, 'at' | 'read' | 'write' | 'stop'> {
  readonly host: Host;
  /** The daemon as the host sees it now; another one after a restart. */
  readonly daemon: () => Promise<HostProcess>;
  /** Signals that the installer has had sent to the daemon. */
  readonly reloads: () => number;
  /** A reload that does not arrive. */
  deaf: boolean;
  readonly docker: (...args: string[]) => Promise<RunResult>;
  /** Makes an image `pause` of the pause program alone: it cannot be pulled here. */
  readonly importPause: () => Promise<void>;
  /** The node's engine, and every other process of the machine that is no engine. */
  readonly allProcesses: Host['processes'];
}

/** Without `configText` there is no daemon.json. */
export async function containedDocker(configText?: string, flags: readonly string[] = []): Promise<ContainedDocker> {
  const packages = { dockerd: 'docker.io', docker: 'docker.io', containerd: 'containerd', runc: 'runc' };
  await ensureCommands(packages, progress('build'));
  const contained = await containedHost({
    '/etc/containerd/config.toml': 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n',
    ...(configText === undefined ? {} : { [daemonJson]: configText }),
  });
  const { real, run, start } = contained;
  const containerd = await start(['containerd'], async () => (await real.stat(containerdSocket)) !== undefined);
  const quiet = ['--bridge=none', '--iptables=false', '--ip-forward=false', '--storage-driver=vfs'];
  const dockerd = await start(
    ['dockerd', ...quiet, `--containerd=${containerdSocket}`, ...flags],
    async () => (await real.askDocker(dockerSocket)).kind === 'Answered',
  );
  const daemon = async () => {
    const found = (await real.processes()).find(({ pid }) => pid === dockerd.pid);
    if (!found) throw new Error('The dockerd of the test does not run any more.');
    return found;
  };
  const docker = (...args: string[]) => run('docker', '--host', `unix://${dockerSocket}`, ...args);
  let reloads = 0;
  const node: ContainedDocker = {
    ...contained,
    daemon,
    reloads: () => reloads,
    deaf: false,
    docker,
    importPause: async () => {
      const pause = await ensure('pause', progress('build'));
      execFileSync('tar', ['-cf', contained.at('/run/image.tar'), '-C', pause, 'pause']);
      const { exitCode, stderr } = await docker('import', '--change=ENTRYPOINT ["/pause"]', '/run/image.tar', 'pause');
      if (exitCode !== 0) throw new Error(`Cannot make an image: ${stderr}`);
    },
    allProcesses: async () => {
      const others = (await real.processes()).filter(
        ({ argv: [name = ''] }) => !/(dockerd|containerd|crio)$/.test(name),
      );
      return [criDockerd, await daemon(), ...others];
    },
    stop: async () => {
      await dockerd.stop();
      await containerd.stop();
      await contained.stop();
    },
    host: {
      ...real,
      processes: async () => [criDockerd, await daemon()],
      askCri: () => real.askDocker(dockerSocket),
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
