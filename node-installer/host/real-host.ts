// The Host port on a real machine: its root seen under a folder, its namespaces entered through that folder's /proc.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askCri } from '../cri/ask-cri.ts';
import { askSnapshotters } from '../cri/ask-snapshotters.ts';
import { askDocker } from '../docker/ask-docker.ts';
import { hostPaths } from '../../crds/names.ts';
import type { Host, RunResult } from './host.ts';
import { resolveHostPath } from './host-path.ts';
import { lockFile, untilUnlocked } from './lock-file.ts';
import { previewOf } from './preview-host.ts';
import { realFiles, refusable } from './real-files.ts';
import { readProcesses } from './read-processes.ts';
import { runProgram } from './run-program.ts';

const runTimeoutMs = 20_000;
/** A service with a watchdog or a slow shutdown may take its time; longer than systemd's own default of 90 s. */
const restartTimeoutMs = 100_000;
/** An engine on a node without a CPU to spare answers late, and of the time the client takes seconds for itself there. */
const answerTimeoutMs = 20_000;
/** In our image chroot and nsenter are applets of one static program. */
const imageTools = ['/bin/busybox'];

/**
 * `root` is where the host's root is seen; `/` means that we run on the host itself.
 * `tools` is the command that `chroot` and `nsenter` are given to; without one they are programs of their own.
 * `scratch` is where a preview of changes may be written, on our side.
 */
export function realHost(
  root: string,
  tools: readonly string[] = root === '/' ? [] : imageTools,
  scratch: string = tmpdir(),
): Host {
  const host: Host = {
    arch: archOf(process.arch),
    ...realFiles(root, (from, to) => copyLabel({ root, tools }, from, to)),
    processes: async () => readProcesses(join(root, 'proc'), Date.now()),
    run: (argv) => runOnFiles({ root, tools }, argv),
    restartService: (unit) => runInHost({ root, tools }, ['systemctl', 'restart', unit], restartTimeoutMs),
    systemctl: (args) => runInHost({ root, tools }, ['systemctl', ...args], runTimeoutMs),
    lastLogLine: (unit) => lastLogLine({ root, tools }, unit),
    askCri: async (socket) => askCri(join(root, await resolveHostPath(root, socket)), answerTimeoutMs),
    askSnapshotters: async (socket) =>
      askSnapshotters(join(root, await resolveHostPath(root, socket)), answerTimeoutMs),
    askDocker: async (socket) => askDocker(join(root, await resolveHostPath(root, socket)), answerTimeoutMs),
    lock: (waitMs) =>
      refusable(root, { path: hostPaths.lock }, () => lockFile(join(root, hostPaths.lock), waitMs, ['flock'])),
    untilUnlocked: (waitMs) => untilUnlocked(join(root, hostPaths.lock), waitMs, ['flock']),
    nowMs: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    preview: () => previewOf(host, root, { scratch, tools }),
  };
  return host;
}

function archOf(nodeArch: string): string {
  return nodeArch === 'x64' ? 'amd64' : nodeArch;
}

type Entrance = { readonly root: string; readonly tools: readonly string[] };

function runOnFiles({ root, tools }: Entrance, argv: readonly string[]): Promise<RunResult> {
  return runProgram(root === '/' ? argv : [...tools, 'chroot', root, ...argv], runTimeoutMs);
}

/** Where the host has SELinux. A label that is refused stays the one that files in that folder get, which is mostly the same. */
async function copyLabel(entrance: Entrance, from: string, to: string): Promise<void> {
  if (!existsSync(join(entrance.root, 'sys/fs/selinux/enforce'))) return;
  await runOnFiles(entrance, ['chcon', '--reference', from, to]);
}

/**
 * Runs a program in the host's namespaces, where systemd's socket is.
 * Its PID namespace cannot be entered from a container (setns(2) only takes descendants): the pod has to be in it.
 */
function runInHost({ root, tools }: Entrance, argv: readonly string[], timeoutMs: number): Promise<RunResult> {
  if (root === '/') return runProgram(argv, timeoutMs);
  const namespaces = ['mount', 'uts', 'ipc', 'net'].map((name) => {
    const file = name === 'mount' ? 'mnt' : name;
    return `--${name}=${join(root, 'proc/1/ns', file)}`;
  });
  return runProgram([...tools, 'nsenter', ...namespaces, ...argv], timeoutMs);
}

async function lastLogLine(entrance: Entrance, unit: string): Promise<string | undefined> {
  const argv = ['journalctl', '--unit', unit, '--lines', '1', '--output', 'cat', '--no-pager', '--quiet'];
  const { exitCode, stdout } = await runInHost(entrance, argv, runTimeoutMs);
  return exitCode === 0 ? stdout.trim() || undefined : undefined;
}
