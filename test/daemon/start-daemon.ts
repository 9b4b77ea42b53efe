// Starts a program that keeps running, waits until it is ready and stops it again. It does not know which program.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DaemonSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that both outputs are appended to. */
  readonly log: string;
  /** Asked again and again; a throw means not yet. */
  readonly isReady: () => Promise<boolean>;
  readonly timeoutMs: number;
}

export interface Daemon {
  readonly pid: number;
  /** Asks by SIGTERM, kills after ten seconds; says how it ended. Safe to call again. */
  stop(): Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts the program and waits until it is ready.
 * *Guarantees*: it dies with this process, even when this process is killed.
 * *Errors*: when it ends or is not ready in time; the message holds the last lines of its log.
 */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const name = basename(spec.program);
  const child = spawnWithParent(spec);
  try {
    await waitUntilReady(child, spec);
  } catch (cause) {
    await end(child);
    throw new Error(`Cannot start ${name}: ${String(cause)} Its log ends with:\n${lastLines(spec.log)}`, { cause });
  }
  return { pid: child.pid ?? 0, stop: () => end(child) };
}

function spawnWithParent({ program, args, env, log }: DaemonSpec): ChildProcess {
  const file = openSync(log, 'a');
  try {
    // setpriv replaces itself by the program, so the pid is the program's.
    return spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
      stdio: ['ignore', file, file],
      env: { ...process.env, ...env },
    });
  } finally {
    closeSync(file);
  }
}

async function waitUntilReady(child: ChildProcess, { isReady, timeoutMs }: DaemonSpec): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (failure) throw failure;
    if (hasEnded(child)) throw new Error(`it ended with ${child.signalCode ?? `code ${child.exitCode}`}.`);
    if (await holds(isReady)) return;
    await sleep(50);
  }
  throw new Error(`it was not ready after ${timeoutMs / 1000} s.`);
}

async function holds(question: () => Promise<boolean>): Promise<boolean> {
  try {
    return await question();
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<Ending> {
  if (child.pid !== undefined && !hasEnded(child)) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(kill);
  }
  return { code: child.exitCode, signal: child.signalCode };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
}
