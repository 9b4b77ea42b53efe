// Makes this process kill itself in the middle of its n-th effect on files or programs: a write, fsync, rename, removal, mkdir, chmod, exec.
// It counts where Node goes to the kernel, so it stops the installer between any two of its own lines.
import childProcess from 'node:child_process';
import { readdirSync, readlinkSync, statSync, unlinkSync, writeSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

type Call = (...args: unknown[]) => unknown;

let dieAt = Infinity;
const seen: string[] = [];

/** From now on. *Shape*: gives what the effects were called so far, e.g. `write /etc/containerd/config.toml.bulkhead-new`. */
export async function dieAtEffect(n: number): Promise<() => readonly string[]> {
  dieAt = n;
  const handle = await fs.open('/dev/null');
  const handles = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const pathOf = (self: unknown) => readlinkSync(`/proc/self/fd/${(self as FileHandle).fd}`);
  for (const name of ['chmod', 'chown', 'sync'] as const) count(handles, name, (self) => `f${name} ${pathOf(self)}`);
  count(handles, 'writeFile', (self) => `write ${pathOf(self)}`, writeHalf);
  count(fs, 'open', (_, path, flags) => (/[wa]/.test(String(flags)) ? `create ${String(path)}` : undefined));
  for (const name of ['mkdir', 'rename', 'rmdir'] as const) count(fs, name, (_, ...args) => `${name} ${words(args)}`);
  count(fs, 'rm', (_, path) => `rm ${String(path)}`, removeOne);
  for (const name of ['execFile', 'spawn'] as const) count(childProcess, name, (_, ...args) => `exec ${words(args)}`);
  syncBuiltinESMExports();
  return () => seen;
}

/** One that is no call of this process, such as what a service manager does for it. */
export function effect(name: string, half: () => void = () => {}): void {
  seen.push(name);
  if (seen.length !== dieAt) return;
  half();
  process.kill(process.pid, 'SIGKILL');
}

/** `half` is done of the effect at which the process dies. */
function count<Of extends object>(
  of: Of,
  name: keyof Of,
  nameOf: (self: unknown, ...args: unknown[]) => string | undefined,
  half?: (self: unknown, args: readonly unknown[]) => void,
): void {
  const real = of[name] as Call;
  const counted = function (this: unknown, ...args: unknown[]) {
    const what = nameOf(this, ...args);
    if (what !== undefined) effect(what, () => half?.(this, args));
    return real.apply(this, args);
  };
  Object.assign(of, { [name]: counted });
}

function words(args: readonly unknown[]): string {
  return args
    .flat()
    .filter((arg) => typeof arg === 'string')
    .join(' ');
}

function writeHalf(self: unknown, [bytes]: readonly unknown[]): void {
  const whole = bytes as Uint8Array;
  writeSync((self as FileHandle).fd, whole.subarray(0, whole.length / 2));
}

/** Of a tree, any one file; of a file, nothing. */
function removeOne(_: unknown, [path]: readonly unknown[]): void {
  if (!statSync(String(path)).isDirectory()) return;
  const entries = readdirSync(String(path), { recursive: true, withFileTypes: true });
  const file = entries.find((entry) => entry.isFile());
  if (file) unlinkSync(join(file.parentPath, file.name));
}
