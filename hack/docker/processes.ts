// Starts programs that outlive us and ends them again by pid, never by name.

import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks from boot to its start. */
  readonly startTicks: string;
}

/** The start time in the text of /proc/<pid>/stat, undefined for a zombie; the name in brackets may hold anything. */
export const startTicksOf = (stat: string): string | undefined => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
};

const startTicks = async (pid: number): Promise<string | undefined> =>
  startTicksOf(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));

export const isAlive = async (process: ProcessId): Promise<boolean> =>
  (await startTicks(process.pid)) === process.startTicks;

/** Starts a program in a session of its own, its output in a file. */
export const startDetached = async (command: readonly string[], logFile: string): Promise<ProcessId> => {
  const [program = '', ...args] = command;
  const log = openSync(logFile, 'w');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
  await new Promise<void>((started, failed) => child.once('spawn', started).once('error', failed));
  child.unref();
  const pid = child.pid ?? 0;
  return { pid, startTicks: (await startTicks(pid)) ?? '' };
};

/** Ends a process and waits until it has gone; kills it after `graceMs`. */
export const stopProcess = async (target: ProcessId, graceMs = 20_000): Promise<void> => {
  const deadline = Date.now() + graceMs;
  if (!(await isAlive(target))) return;
  process.kill(target.pid, 'SIGTERM');
  while (await isAlive(target)) {
    if (Date.now() > deadline) process.kill(target.pid, 'SIGKILL');
    await sleep(50);
  }
};

/** Ends a process without asking and waits until it has gone. */
export const killProcess = async (target: ProcessId): Promise<void> => {
  if (await isAlive(target)) process.kill(target.pid, 'SIGKILL');
  while (await isAlive(target)) await sleep(20);
};
