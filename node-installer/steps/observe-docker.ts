// Observes the Docker behind cri-dockerd: which daemon, which config, and what it says itself.
import { dockerDaemon, dockerEndpoint } from '../engine/docker/find-daemon.ts';
import type { EngineProcess } from '../engine/find-engine.ts';
import type { Host, HostProcess } from '../host/host.ts';
import type { ObservedEngine } from './observe-engine.ts';

type Observed = Pick<
  ObservedEngine,
  'process' | 'unit' | 'socket' | 'configPath' | 'answer' | 'obstacle' | 'adapterSocket'
>;

/** `criSocket` is cri-dockerd's. Only its silence counts: what it lists may be a minute old. */
export async function observeDocker(
  host: Host,
  processes: readonly HostProcess[],
  { process, configPath, unit }: EngineProcess<HostProcess>,
  criSocket: string,
): Promise<Observed> {
  const socket = dockerEndpoint(process.argv);
  const daemon = dockerDaemon(processes, socket);
  const found = daemon ?? { process, configPath, unit };
  const cri = await host.askCri(criSocket);
  if (!daemon) {
    const why = `no dockerd runs for ${socket}, which cri-dockerd uses`;
    return { ...found, socket, answer: { kind: 'Silent', why } };
  }
  if (cri.kind === 'Silent') return { ...found, socket: criSocket, answer: cri };
  const answer = await host.askDocker(socket);
  return {
    ...found,
    socket,
    adapterSocket: criSocket,
    answer,
    ...(cri.handlers.length === 0 ? { obstacle: tooOld } : {}),
  };
}

/** *Source*: Mirantis/cri-dockerd#350, in 0.4.0: one that passes handlers on, and lists them since the same version. */
const tooOld = {
  reason: 'EngineTooOld',
  message: 'Cannot use handlers through this cri-dockerd: it lists none, and so passes none on to Docker.',
  hint: 'Upgrade cri-dockerd on the node to 0.4.0 or later.',
};
