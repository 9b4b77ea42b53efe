// Gives a Docker daemon to work with: the one that runs, else one of our own. It makes no containers.

import { ensureCommands, findCommand } from '../build/debian-packages.ts';
import { observeHost, type Host } from '../build/host.ts';
import { timed, type Say } from '../progress.ts';
import { tryRun } from '../run.ts';
import { answers, ownDockerHost, startOwnDocker, stopOwnDocker } from './own-docker.ts';

export interface Docker {
  /** For the environment of docker and kind; empty for the daemon they find by themselves. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it is one of our own, which `stopDocker` ends. */
  readonly own: boolean;
}

const ours: Docker = { env: { DOCKER_HOST: ownDockerHost }, own: true };
const theirs: Docker = { env: {}, own: false };

/** The daemon that runs, ours first; undefined if none does. */
export const runningDocker = async (): Promise<Docker | undefined> => {
  if ((await findCommand('docker')) === undefined) return undefined;
  if (await answers(ownDockerHost)) return ours;
  return (await canUseTheirs(await observeHost())) ? theirs : undefined;
};

/** A daemon whose default runtime is plain runc cannot start privileged containers where CAP_SYS_RESOURCE is missing. */
const canUseTheirs = async (host: Host): Promise<boolean> => {
  const info = await tryRun(['docker', 'info', '-f', '{{.DefaultRuntime}}'], { timeoutMs: 10_000 });
  return info.code === 0 && info.stdout.trim() !== '' && (host.sysResource || info.stdout.trim() !== 'runc');
};

export const ensureDocker = async (say: Say): Promise<Docker> => {
  const running = await runningDocker();
  if (running !== undefined) return running;
  await ensureCommands({ docker: 'docker.io', dockerd: 'docker.io', containerd: 'containerd', runc: 'runc' }, say);
  await ensureCommands({ iptables: 'iptables' }, say);
  // On a machine with an init system the package starts Docker itself.
  const started = await runningDocker();
  if (started !== undefined) return started;
  await timed(say, 'no Docker runs here: starting one of our own', async () => startOwnDocker(await observeHost()));
  return ours;
};

/** Ends our own Docker, if there is one. */
export const stopDocker = async (say: Say): Promise<void> => {
  if (await stopOwnDocker()) say('stopped our own Docker');
};
