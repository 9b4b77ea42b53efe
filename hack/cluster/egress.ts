// Keeps the traffic of clusters on this machine, by one rule in Docker's own chain for such rules.

import { readFile } from 'node:fs/promises';

import { findCommand } from '../build/debian-packages.ts';
import type { Docker } from '../docker/ensure-docker.ts';
import type { Say } from '../progress.ts';
import { run, tryRun } from '../run.ts';

const ruleFor = (bridge: string): readonly string[] => ['DOCKER-USER', '-i', bridge, '!', '-o', bridge, '-j', 'REJECT'];

/** The bridge of kind's network; undefined if there is no such network. */
const kindBridge = async (docker: Docker): Promise<string | undefined> => {
  const found = await tryRun(['docker', 'network', 'inspect', 'kind', '-f', '{{.Id}}'], { env: docker.env });
  return found.code === 0 ? `br-${found.stdout.trim().slice(0, 12)}` : undefined;
};

/** Rejects whatever leaves kind's network, where that network is on this machine. */
export const rejectEgress = async (docker: Docker, say: Say): Promise<void> => {
  const bridge = await kindBridge(docker);
  if (bridge === undefined || !(await isHere(bridge))) {
    say('traffic of the cluster may leave it: its network is not on this machine, or iptables is missing');
    return;
  }
  const rule = ruleFor(bridge);
  if ((await tryRun(['iptables', '-C', ...rule])).code !== 0) await run(['iptables', '-I', ...rule]);
};

export const allowEgress = async (docker: Docker): Promise<void> => {
  const bridge = await kindBridge(docker);
  if (bridge !== undefined) await tryRun(['iptables', '-D', ...ruleFor(bridge)]);
};

/** Docker Desktop and remote daemons have their bridges elsewhere. */
const isHere = async (bridge: string): Promise<boolean> => {
  if ((await findCommand('iptables')) === undefined) return false;
  const interfaces = await readFile('/proc/self/net/dev', 'utf8');
  if (!interfaces.includes(`${bridge}:`)) return false;
  return (await tryRun(['iptables', '-n', '-L', 'DOCKER-USER'])).code === 0;
};
