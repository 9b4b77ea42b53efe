// A contained host with a real CRI-O. What restarts it is the test, not systemd.
import { join } from 'node:path';
import { ensureCommands } from '../../hack/build/debian-packages.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import type { CriAnswer, Host } from '../../node-installer/host/host.ts';
import type { Daemon } from '../daemon/start-daemon.ts';
import { type ContainedHost, containedHost } from './contained-host.ts';

export const packageFile = '/etc/crio/crio.conf.d/10-crio.conf';
const socket = '/run/crio/crio.sock';

/** As a package brings it, with what this machine needs: no systemd, no pod network, and no pods. */
export const packageText = `# as a package brings it
[crio]
storage_driver = "vfs"
log_dir = "/run/crio-logs"
[crio.runtime]
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
pinns_path = "/bin/true"
hooks_dir = []
apparmor_profile = "unconfined"
disable_hostport_mapping = true
default_runtime = "runc"
[crio.runtime.runtimes.runc]
runtime_root = "/run/runc"
[crio.network]
plugin_dirs = ["/opt/cni/bin"]
[crio.nri]
enable_nri = false
`;

export interface ContainedCrio extends Pick<ContainedHost, 'at' | 'read' | 'write' | 'stop'> {
  readonly host: Host;
  /** Times that the installer restarted it. */
  readonly restarts: () => number;
  readonly ask: () => Promise<CriAnswer>;
  /** What is to happen before a restart. */
  sabotage: (() => void) | undefined;
  startEngine(): Promise<void>;
}

/** It does not run yet. */
export async function containedCrio(files: Readonly<Record<string, string>> = {}): Promise<ContainedCrio> {
  const say = progress('build');
  await ensureCommands({ conmon: 'conmon', runc: 'runc' }, say);
  const program = join(await ensure('crio', say), 'crio');
  const contained = await containedHost({
    '/etc/containers/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
    [packageFile]: packageText,
    ...files,
  });
  const { real } = contained;
  let engine: Daemon | undefined;
  let restarts = 0;
  const ask = () => real.askCri(socket);
  const startEngine = async () => {
    engine = await contained.start([program], async () => (await ask()).kind === 'Answered');
  };
  /** Asked, it takes more than ten seconds to end; without pods there is nothing for it to end. */
  const stopEngine = async () => {
    if (engine) process.kill(engine.pid, 'SIGKILL');
    await engine?.stop();
    engine = undefined;
  };
  const node: ContainedCrio = {
    ...contained,
    restarts: () => restarts,
    ask,
    sabotage: undefined,
    startEngine,
    stop: async () => {
      await stopEngine();
      await contained.stop();
    },
    host: {
      ...real,
      processes: async () => (await real.processes()).filter(({ pid }) => pid === engine?.pid),
      restartService: async () => {
        restarts += 1;
        await stopEngine();
        try {
          node.sabotage?.();
          await startEngine();
          return { exitCode: 0, stdout: '', stderr: '' };
        } catch (error) {
          return { exitCode: 1, stdout: '', stderr: String(error) };
        }
      },
      systemctl: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
      lastLogLine: async () => undefined,
    },
  };
  return node;
}
