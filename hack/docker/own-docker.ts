// A Docker daemon of our own beside whatever else the machine has: own data, sockets and containerd, and no default bridge.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Host } from '../build/host.ts';
import { inCache } from '../cache.ts';
import { run, tryRun } from '../run.ts';
import { forwardPolicy, removeDockerChains } from './iptables-leftovers.ts';
import { startDetached, stopProcess, type ProcessId } from './processes.ts';

/** Short, since socket paths end at 108 bytes; gone with a reboot, as the processes are. */
const RUN = '/run/bulkhead-docker';
const stateFile = join(RUN, 'state.json');
const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';
/** Every systemd, kubelet and container engine of a node takes several; kernels allow 128 for all that root runs. */
const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
const enoughInotifyInstances = 1024;

export const ownDockerHost = `unix://${join(RUN, 'docker.sock')}`;

interface State {
  /** In the order of their start. */
  readonly processes: readonly ProcessId[];
  readonly forwardPolicy: string;
  readonly ipForward: string;
  readonly inotifyInstances: string;
}

export const answers = async (host?: string): Promise<boolean> =>
  (await tryRun(['docker', ...(host === undefined ? [] : ['-H', host]), 'version'], { timeoutMs: 10_000 })).code === 0;

/** Starts containerd and dockerd. Images stay in the cache for the next time. */
export const startOwnDocker = async (host: Host): Promise<void> => {
  await stopOwnDocker();
  await mkdir(RUN, { recursive: true });
  await mkdir(inCache('docker'), { recursive: true });
  await mkdir(inCache('logs'), { recursive: true });
  const before = {
    forwardPolicy: forwardPolicy((await tryRun(['iptables-save'])).stdout),
    ipForward: (await readFile(IP_FORWARD, 'utf8')).trim(),
    inotifyInstances: (await readFile(INOTIFY_INSTANCES, 'utf8')).trim(),
  };
  const processes: ProcessId[] = [];
  const start = async (command: readonly string[], logFile: string): Promise<void> => {
    processes.push(await startDetached(command, logFile));
    await writeFile(stateFile, JSON.stringify({ processes, ...before } satisfies State));
  };
  if (Number(before.inotifyInstances) < enoughInotifyInstances)
    await writeFile(INOTIFY_INSTANCES, String(enoughInotifyInstances));
  await writeFile(join(RUN, 'containerd.toml'), containerdConfig());
  await start(['containerd', '-c', join(RUN, 'containerd.toml')], inCache('logs', 'docker-containerd.log'));
  await start(['dockerd', ...dockerdFlags(host)], inCache('logs', 'dockerd.log'));
  await waitForAnswer();
};

const containerdConfig = (): string => `version = 2
root = "${inCache('docker', 'containerd')}"
state = "${join(RUN, 'containerd')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${join(RUN, 'containerd.sock')}"
`;

const dockerdFlags = (host: Host): readonly string[] => [
  '--host',
  ownDockerHost,
  '--containerd',
  join(RUN, 'containerd.sock'),
  '--data-root',
  inCache('docker', 'data'),
  '--exec-root',
  join(RUN, 'exec'),
  '--pidfile',
  join(RUN, 'dockerd.pid'),
  '--bridge',
  'none',
  ...(host.sysResource ? [] : reducedRuntime),
];

/** Docker gives privileged containers every capability, and runc fails on one that the machine does not have. */
const reducedRuntime = [
  '--add-runtime',
  `reduced=${join(import.meta.dirname, 'runc-without-sys-resource')}`,
  '--default-runtime',
  'reduced',
];

const waitForAnswer = async (): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await answers(ownDockerHost)) return;
    await sleep(200);
  }
  const logFile = inCache('logs', 'dockerd.log');
  const tail = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-10).join('\n');
  throw new Error(`Cannot start Docker: it does not answer after 20 s.\n${tail}\nThe whole output is in ${logFile}.`);
};

/** Ends our Docker, if it runs, and puts back what it changed on the machine. Gives whether there was anything to do. */
export const stopOwnDocker = async (): Promise<boolean> => {
  const text = await readFile(stateFile, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const state = JSON.parse(text) as State;
  for (const process of state.processes.toReversed()) await stopProcess(process);
  await restoreNetwork(state);
  await writeFile(INOTIFY_INSTANCES, state.inotifyInstances);
  await rm(RUN, { recursive: true, force: true });
  return true;
};

const restoreNetwork = async (state: State): Promise<void> => {
  for (const program of ['iptables', 'ip6tables']) {
    const saved = (await tryRun([`${program}-save`])).stdout;
    for (const args of removeDockerChains(saved)) await tryRun([program, ...args]);
  }
  await run(['iptables', '-P', 'FORWARD', state.forwardPolicy]);
  await writeFile(IP_FORWARD, state.ipForward);
};
