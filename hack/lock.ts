// A lock between processes, held by a child that runs flock(1): the kernel drops it when we die, so none is ever stale.

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Does the action while no other process holds the lock file. @param whenWaiting called once if another holds it */
export const withLock = async <T>(file: string, action: () => Promise<T>, whenWaiting = (): void => {}): Promise<T> => {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('flock', ['-x', file, 'sh', '-c', 'echo held; cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const notice = setTimeout(whenWaiting, 1000);
  try {
    await new Promise<void>((held, failed) => {
      holder.stdout.once('data', () => held());
      holder.once('error', failed);
      holder.once('exit', (code) => failed(new Error(`Cannot lock ${file}: flock ended with code ${code}.`)));
    });
    clearTimeout(notice);
    return await action();
  } finally {
    clearTimeout(notice);
    holder.stdin.end();
  }
};
