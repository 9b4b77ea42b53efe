// Installs the Debian packages that a step needs and the machine lacks. It knows no other package manager.

import { delimiter, join } from 'node:path';

import { inCache } from '../cache.ts';
import { exists } from '../exists.ts';
import { withLock } from '../lock.ts';
import { timed, type Say } from '../progress.ts';
import { run, tryRun } from '../run.ts';

/** Where a command is, looked for in PATH and in the folders of system programs; undefined if nowhere. */
export const findCommand = async (command: string): Promise<string | undefined> => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, command);
    if (await exists(path)) return path;
  }
  return undefined;
};

/** Makes sure that commands are there. @param packages the Debian package of each command */
export const ensureCommands = async (packages: Readonly<Record<string, string>>, say: Say): Promise<void> => {
  const missing: string[] = [];
  for (const [command, name] of Object.entries(packages)) {
    if ((await findCommand(command)) === undefined) missing.push(name);
  }
  await install([...new Set(missing)], say);
};

/** Makes sure that packages without a command of their own (libraries) are there. */
export const ensurePackages = async (names: readonly string[], say: Say): Promise<void> => {
  const missing: string[] = [];
  for (const name of names) {
    const state = await tryRun(['dpkg-query', '-W', '-f', '${db:Status-Status}', name]);
    if (state.stdout !== 'installed') missing.push(name);
  }
  await install(missing, say);
};

/** Asks Debian anew what it has. apt refuses to do so twice at a time. */
export const updatePackageLists = (logFile: string): Promise<string> => withLock(aptLock(), () => update(logFile));

const aptLock = (): string => inCache('locks', 'apt');
const env = { DEBIAN_FRONTEND: 'noninteractive' };
const update = (logFile: string): Promise<string> => run(['apt-get', 'update', '-q'], { env, logFile });

const install = async (names: readonly string[], say: Say): Promise<void> => {
  if (names.length === 0) return;
  if ((await findCommand('apt-get')) === undefined) {
    throw new Error(`Cannot install ${names.join(', ')}: there is no apt-get here. Install them and run this again.`);
  }
  const logFile = inCache('logs', 'apt.log');
  const options = ['-yq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  await withLock(aptLock(), () =>
    timed(say, `installing Debian packages: ${names.join(' ')}`, async () => {
      const first = await tryRun(['apt-get', 'install', ...options, ...names], { env, logFile });
      if (first.code === 0) return;
      await update(logFile);
      await run(['apt-get', 'install', ...options, ...names], { env, logFile });
    }),
  );
};
