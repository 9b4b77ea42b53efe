// Has a command run once this process is gone, however it ended: for processes that we start and that would outlive us.

import { spawn } from 'node:child_process';

/** @returns takes it back */
export const whenGone = (command: readonly string[], env: Readonly<Record<string, string>> = {}): (() => void) => {
  // The pipe's other end is ours alone, and the kernel closes it when we die.
  const guard = spawn('sh', ['-c', 'read -r _ || exec "$@"', 'guard', ...command], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, ...env },
  });
  guard.unref();
  return () => guard.stdin.end('all is done\n');
};
