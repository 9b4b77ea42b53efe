// Runs one program and hands back what it printed. It knows nothing about what it runs.

import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Gets both outputs, appended; named in the error. */
  readonly logFile?: string;
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  /** stdout and stderr, as they came. */
  readonly output: string;
}

const lastLines = (text: string, count: number): string => text.trimEnd().split('\n').slice(-count).join('\n');

/** Runs a program to its end, whatever its exit code. A program that cannot be started has code 127. */
export const tryRun = (command: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  new Promise((done) => {
    const [program = '', ...args] = command;
    let stdout = '';
    let output = '';
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    if (options.logFile !== undefined) mkdirSync(dirname(options.logFile), { recursive: true });
    const log = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: 'a' });
    log?.write(`$ ${command.join(' ')}\n`);
    const take = (text: string): void => {
      output += text;
      log?.write(text);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    let ended = false;
    const end = (code: number): void => {
      if (ended) return;
      ended = true;
      if (log === undefined) done({ code, stdout, output });
      else log.end(() => done({ code, stdout, output }));
    };
    child.on('error', (error) => {
      take(`${error.message}\n`);
      end(127);
    });
    child.on('close', (code, signal) => {
      if (signal !== null) take(`ended by ${signal}\n`);
      end(code ?? 128);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });

/** Runs a program and gives its stdout. @throws when it fails, with the last lines it printed. */
export const run = async (command: readonly string[], options: RunOptions = {}): Promise<string> => {
  const result = await tryRun(command, options);
  if (result.code === 0) return result.stdout;
  const where = options.logFile === undefined ? '' : `\nThe whole output is in ${options.logFile}.`;
  throw new Error(
    `Cannot run ${command.join(' ')}: it ended with code ${result.code}.\n${lastLines(result.output, 15)}${where}`,
  );
};
