// Fetches Debian packages and unpacks them into a folder, instead of taking this machine's own files. Installs nothing.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inCache } from '../cache.ts';
import { withLock } from '../lock.ts';
import { run, tryRun } from '../run.ts';

export type DebianPackage = {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly sha256: string;
};

/** Unpacks the packages over each other into `into`; what apt serves, apt has verified. */
export async function unpackDebianPackages(
  names: readonly string[],
  { into, scratch, logFile }: { readonly into: string; readonly scratch: string; readonly logFile: string },
): Promise<DebianPackage[]> {
  const downloads = join(scratch, 'debs');
  await mkdir(downloads, { recursive: true });
  await download(names, downloads, logFile);
  const files = (await readdir(downloads)).filter((file) => file.endsWith('.deb')).toSorted();
  const packages: DebianPackage[] = [];
  for (const file of files.map((name) => join(downloads, name))) {
    await run(['dpkg-deb', '--extract', file, into], { logFile });
    packages.push(await describe(file));
  }
  return packages;
}

/** A machine that never asked apt for its lists, or long ago, has none or old ones. */
function download(names: readonly string[], cwd: string, logFile: string): Promise<void> {
  const command = ['apt-get', 'download', ...names];
  return withLock(inCache('locks', 'apt'), async () => {
    if ((await tryRun(command, { cwd, logFile })).code === 0) return;
    await run(['apt-get', 'update', '-q'], { logFile });
    await run(command, { cwd, logFile });
  });
}

async function describe(file: string): Promise<DebianPackage> {
  const fields = await run(['dpkg-deb', '--show', '--showformat=${Package} ${Version} ${Architecture}', file]);
  const [name = '', version = '', arch = ''] = fields.split(' ');
  const [sha256 = ''] = (await run(['sha256sum', file])).split(' ');
  return { name, version, arch, sha256 };
}
