// A lock that the kernel releases when its holder dies, on a file that is there only while it is held.
import { spawn } from 'node:child_process';
import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 100;

/**
 * Takes the lock, or gives up after `waitMs`. `flock` is the command that locks the file descriptor whose number follows.
 * *Guarantees*: two holders never hold the same path, though each removes the file while it still holds it.
 */
export async function lockFile(
  path: string,
  waitMs: number,
  flock: readonly string[],
): Promise<(() => Promise<void>) | undefined> {
  const untilMs = Date.now() + waitMs;
  for (;;) {
    const handle = await tryLock(path, flock);
    if (handle) return () => release(path, handle);
    if (Date.now() >= untilMs) return undefined;
    await sleep(retryMs);
  }
}

async function tryLock(path: string, flock: readonly string[]): Promise<FileHandle | undefined> {
  const handle = await open(path, 'a', 0o600);
  if ((await isLocked(handle, flock)) && (await isStillAt(path, handle))) return handle;
  await handle.close();
  return undefined;
}

/** Waits while somebody holds the lock, at most `waitMs`; takes nothing and writes nothing. */
export async function untilUnlocked(path: string, waitMs: number, flock: readonly string[]): Promise<void> {
  const untilMs = Date.now() + waitMs;
  while (Date.now() < untilMs && (await isHeld(path, flock))) await sleep(retryMs);
}

async function isHeld(path: string, flock: readonly string[]): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return false;
  try {
    return !(await isLocked(handle, [...flock, '--shared']));
  } finally {
    await handle.close();
  }
}

/** The lock is on the open file, which the child shares with us, so it stays when the child has gone. */
function isLocked(handle: FileHandle, flock: readonly string[]): Promise<boolean> {
  const [file = '', ...args] = flock;
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args, '-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', handle.fd] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** False when the former holder removed the file between our opening and our locking it. */
async function isStillAt(path: string, handle: FileHandle): Promise<boolean> {
  const [mine, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return there?.ino === mine.ino && there.dev === mine.dev;
}

async function release(path: string, handle: FileHandle): Promise<void> {
  await unlink(path);
  await handle.close();
}
