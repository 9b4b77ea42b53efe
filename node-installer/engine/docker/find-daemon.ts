// Finds the dockerd that a cri-dockerd uses, among the host's running processes.
import { flag, flags, isHostService, programs, type ProcessView, unitOf, withoutScheme } from '../find-engine.ts';

export type DockerDaemon<P extends ProcessView> = {
  readonly process: P;
  readonly configPath: string;
  readonly unit: string;
};

const defaultSocket = '/run/docker.sock';

/** The socket of Docker's API that a cri-dockerd was told. */
export function dockerEndpoint(criDockerdArgv: readonly string[]): string {
  return socketPath(flag(criDockerdArgv, ['docker-endpoint']) ?? defaultSocket);
}

/** The one that was told to listen at the socket, else the only one: a socket that systemd hands over is in no flag. */
export function dockerDaemon<P extends ProcessView>(
  processes: readonly P[],
  socket: string,
): DockerDaemon<P> | undefined {
  const daemons = processes.filter((process) => isHostService(process) && programs(process).includes('dockerd'));
  const told = daemons.find(({ argv }) => flags(argv, ['host', 'H']).map(socketPath).includes(socket));
  const process = told ?? (daemons.length === 1 ? daemons[0] : undefined);
  if (!process) return undefined;
  return {
    process,
    configPath: flag(process.argv, ['config-file']) ?? '/etc/docker/daemon.json',
    unit: unitOf(process.cgroups) ?? 'docker.service',
  };
}

function socketPath(endpoint: string): string {
  return withoutScheme(endpoint).replace(/^\/var\/run\//, '/run/');
}
