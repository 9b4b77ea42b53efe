// The Host port on a real machine: its root seen under a folder, its namespaces entered through that folder's /proc.
import { join } from 'node:path';
import { askCri } from '../cri/ask-cri.ts';
import { hostPaths } from '../../crds/names.ts';
import type { Host, RunResult } from './host.ts';
import { resolveHostPath } from './host-path.ts';
import { lockFile } from './lock-file.ts';
import { realFiles } from './real-files.ts';
import { readProcesses } from './read-processes.ts';
import { runProgram } from './run-program.ts';

const runTimeoutMs = 20_000;
/** A service with a watchdog or a slow shutdown may take its time; longer than systemd's own default of 90 s. */
const restartTimeoutMs = 100_000;
const criTimeoutMs = 2_000;
const busybox = '/bin/busybox';

/** `root` is where the host's root is seen; `/` means that we run on the host itself. */
export function realHost(root: string): Host {
  const onHost = root === '/';
  return {
    arch: archOf(process.arch),
    ...realFiles(root),
    processes: async () => readProcesses(join(root, 'proc'), Date.now()),
    run: (argv) => runProgram(onHost ? argv : [busybox, 'chroot', root, ...argv], runTimeoutMs),
    restartService: (unit) => runInHost(root, ['systemctl', 'restart', unit], restartTimeoutMs),
    lastLogLine: (unit) => lastLogLine(root, unit),
    askCri: async (socket) => askCri(join(root, await resolveHostPath(root, socket)), criTimeoutMs),
    lock: (waitMs) => lockFile(join(root, hostPaths.lock), waitMs, ['flock']),
    nowMs: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function archOf(nodeArch: string): string {
  return nodeArch === 'x64' ? 'amd64' : nodeArch;
}

/** Runs a program in all of the host's namespaces: systemd answers nobody else. */
function runInHost(root: string, argv: readonly string[], timeoutMs: number): Promise<RunResult> {
  if (root === '/') return runProgram(argv, timeoutMs);
  const namespaces = ['mount', 'uts', 'ipc', 'net', 'pid'].map((name) => {
    const file = name === 'mount' ? 'mnt' : name;
    return `--${name}=${join(root, 'proc/1/ns', file)}`;
  });
  return runProgram([busybox, 'nsenter', ...namespaces, ...argv], timeoutMs);
}

async function lastLogLine(root: string, unit: string): Promise<string | undefined> {
  const argv = ['journalctl', '--unit', unit, '--lines', '1', '--output', 'cat', '--no-pager', '--quiet'];
  const { exitCode, stdout } = await runInHost(root, argv, runTimeoutMs);
  return exitCode === 0 ? stdout.trim() || undefined : undefined;
}
