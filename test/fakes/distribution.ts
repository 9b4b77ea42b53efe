// What a distribution does to the containerd of a node, for tests: where the root config is, and what it becomes at each start.

import type { HostProcess } from '../../node-installer/host/host.ts';

export interface FakeDistribution {
  readonly configPath: string;
  readonly socket: string;
  /** The service that the engine's process is in. */
  readonly unit: string;
  /** What else runs in the service. */
  readonly main?: readonly string[];
  /** The engine is this program under another name, and that name lies beside it. */
  readonly program?: string;
  /** What it brings beside the root config. */
  readonly files?: Readonly<Record<string, string>>;
  /** After a change in this folder it restarts the engine by itself. */
  readonly watchedFolder?: string;
  /** The root config as the next start has it. */
  readonly render: (read: (path: string) => string | undefined) => string;
}

/** The engine in the distribution's service, and the distribution's own program beside it. */
export function serviceProcesses({ unit, main }: FakeDistribution, engine: HostProcess): HostProcess[] {
  const cgroups = [`/system.slice/${unit}`];
  const service = main?.[0] === undefined ? [] : [{ ...engine, pid: 1, exe: main[0], argv: main, cgroups }];
  return [...service, { ...engine, cgroups }];
}
