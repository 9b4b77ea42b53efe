// Runs a program to its end and returns what it said; a program that cannot start is a result like any other.
import { execFile } from 'node:child_process';
import type { RunResult } from './host.ts';

const maxOutputBytes = 16 * 1024 * 1024;

/** The host's programs get this and nothing of the container's environment. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C',
  HOME: '/root',
};

/** *Guarantees*: never throws. Exit codes as in a shell: 127 not found, 126 not executable, 124 out of time. */
export function runProgram(argv: readonly string[], timeoutMs: number): Promise<RunResult> {
  const [file = '', ...args] = argv;
  const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: maxOutputBytes, env: environment } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ exitCode: 0, stdout, stderr });
      resolve({ exitCode: exitCodeOf(error), stdout, stderr: stderr || error.message });
    });
  });
}

function exitCodeOf({ code, killed }: { code?: string | number | null; killed?: boolean }): number {
  if (killed) return 124;
  if (typeof code === 'number') return code;
  return code === 'ENOENT' ? 127 : 126;
}
