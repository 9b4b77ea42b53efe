// Reads the host's processes from its /proc; says nothing about what they are.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { HostProcess } from './host.ts';

/** Linux' USER_HZ: fixed at 100 on every architecture that we support. */
const ticksPerSecond = 100;

/** All processes of `pids` but kernel threads; one that ends meanwhile is left out. Blocking: a node has thousands, each a few tiny reads. */
export function readProcesses(proc: string, nowMs: number, pids: readonly number[] = pidsIn(proc)): HostProcess[] {
  const uptimeSeconds = Number(readFileSync(join(proc, 'uptime'), 'utf8').split(' ')[0]);
  const bootedMs = nowMs - uptimeSeconds * 1000;
  const bootId = readFileSync(join(proc, 'sys/kernel/random/boot_id'), 'utf8').trim();
  return pids.flatMap((pid) => readProcess(join(proc, String(pid)), pid, { bootId, bootedMs }));
}

function pidsIn(proc: string): number[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProcess(folder: string, pid: number, boot: { bootId: string; bootedMs: number }): HostProcess[] {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    const cmdline = read('cmdline').replace(/\0$/, '');
    if (cmdline === '') return [];
    const program = readExe(join(folder, 'exe'));
    const startTicks = parseStartTicks(read('stat'));
    return [
      {
        pid,
        identity: `${boot.bootId}/${pid}/${startTicks}`,
        ...(program && { exe: program.path }),
        ...(program?.isNameless && { mapped: mappedFiles(read('maps')) }),
        argv: cmdline.split('\0'),
        cgroups: parseCgroups(read('cgroup')),
        nested: parseNamespacedPids(read('status')).length > 1,
        startedMs: boot.bootedMs + (startTicks * 1000) / ticksPerSecond,
      },
    ];
  } catch {
    return [];
  }
}

const gone = / \(deleted\)$/;

/** The link needs ptrace rights over the process. After an upgrade the path is right and the old file is gone. */
function readExe(path: string): { readonly path: string; readonly isNameless: boolean } | undefined {
  try {
    const target = readlinkSync(path);
    // crun runs from a mount of its program alone, of which that is the root.
    return { path: target.replace(gone, ''), isNameless: target === '/' || gone.test(target) };
  } catch {
    return undefined;
  }
}

/** *Source*: proc_pid_maps(5): the sixth column, which may hold blanks; memory without a file has no path there. */
function mappedFiles(maps: string): string[] {
  const paths = maps.split('\n').flatMap((line) => /^(?:\S+ +){5}(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths.map((path) => path.replace(gone, '')))];
}

/** *Source*: proc_pid_stat(5): the 22nd field; the second, in brackets, may hold blanks and brackets. */
function parseStartTicks(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** *Source*: proc_pid_status(5): the PID in each namespace, from the one of this /proc inwards. */
function parseNamespacedPids(status: string): string[] {
  return /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
}

function parseCgroups(text: string): string[] {
  const paths = text.split('\n').map((line) => line.split(':').slice(2).join(':'));
  return [...new Set(paths)].filter((path) => path !== '');
}
