// Starts a real containerd of any line with folders and a socket of its own. The config is the caller's, good or broken.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { ensure } from '../../hack/build/ensure.ts';
import { progress } from '../../hack/progress.ts';
import { type Daemon, startDaemon } from '../daemon/start-daemon.ts';

export const containerdLines = ['1.7', '2.0', '2.1', '2.2', '2.3', '2.4'] as const;
export type ContainerdLine = (typeof containerdLines)[number];

export interface ContainerdSpec {
  readonly line: ContainerdLine;
  /** Gets root, state, socket, config and log; keep its path short, since a socket's may have 107 bytes. */
  readonly folder: string;
  /** The root file, byte for byte. Its own root, state and address do not count. */
  readonly configText: string;
}

export interface Containerd extends Daemon {
  readonly socket: string;
  readonly log: string;
}

/** Ready means that it listens; whether its CRI plugin lives is for the caller to ask. */
export async function startContainerd({ line, folder, configText }: ContainerdSpec): Promise<Containerd> {
  const say = progress('build');
  const [containerd, runc] = await Promise.all([ensure(`containerd-${line}`, say), ensure('runc', say)]);
  const [config, socket, log] = [join(folder, 'config.toml'), join(folder, 'sock'), join(folder, 'containerd.log')];
  writeFileSync(config, configText);
  const daemon = await startDaemon({
    program: join(containerd, 'containerd'),
    args: ['--config', config, '--root', join(folder, 'root'), '--state', join(folder, 'state'), '--address', socket],
    env: { PATH: [containerd, runc, process.env['PATH']].join(delimiter) },
    log,
    isReady: () => accepts(socket),
    timeoutMs: 60_000,
  });
  return { ...daemon, socket, log };
}

/** A config under which containerd touches nothing outside the folder. */
export function containedConfig(line: ContainerdLine, folder: string): string {
  return `version = ${line === '1.7' ? 2 : 3}

[plugins."io.containerd.internal.v1.opt"]
  path = "${join(folder, 'opt')}"

[plugins."io.containerd.nri.v1.nri"]
  disable = true
`;
}

function accepts(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = connect(socket);
  connection.on('connect', () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => connection.destroy());
}
