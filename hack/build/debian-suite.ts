// Asks another Debian suite than the machine's own for packages and sources, by an apt with lists of its own. It installs nothing.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run, tryRun } from '../run.ts';
import type { Say } from '../progress.ts';
import { ensurePackages, updatePackageLists } from './debian-packages.ts';

export interface DebianSuite {
  /** Downloads the packages into a folder and gives their files. *Shape*: `name` or `name=version`. */
  packages(names: readonly string[], into: string): Promise<readonly string[]>;
  /** The same with everything that they depend on. */
  closure(names: readonly string[], into: string): Promise<readonly string[]>;
  /** Downloads the upstream tar of a source package, `name=version`, and gives its file. */
  sourceTar(name: string, into: string): Promise<string>;
}

/** @param folder an empty one, for apt's lists */
export const openDebianSuite = async (
  suite: string,
  { folder, logFile, say }: { readonly folder: string; readonly logFile: string; readonly say: Say },
): Promise<DebianSuite> => {
  await ensurePackages(['debian-archive-keyring'], say);
  const config = join(folder, 'apt.conf');
  for (const part of ['lists/partial', 'archives/partial']) await mkdir(join(folder, part), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'sources.list'), sourcesList(suite, await mirror(logFile)));
  await writeFile(config, aptConfig(folder));
  const apt = (args: readonly string[], cwd: string) =>
    run(['apt-get', ...args], { cwd, logFile, env: { APT_CONFIG: config, DEBIAN_FRONTEND: 'noninteractive' } });
  await apt(['update', '-q'], folder);
  const fetch = async (args: readonly string[], into: string): Promise<readonly string[]> => {
    await mkdir(into, { recursive: true });
    await apt(args, into);
    return (await readdir(into)).toSorted().map((name) => join(into, name));
  };
  return {
    packages: (names, into) => fetch(['download', '-q', ...names], into),
    closure: async (names, into) => {
      await mkdir(join(into, 'partial'), { recursive: true });
      await apt(['install', '-yq', '--download-only', '-o', `Dir::Cache::archives=${into}`, ...names], folder);
      return (await readdir(into)).filter((name) => name.endsWith('.deb')).map((name) => join(into, name));
    },
    sourceTar: async (name, into) => {
      const files = await fetch(['source', '-q', '--download-only', '--tar-only', name], into);
      return files.find((file) => file.includes('.orig.tar.')) ?? '';
    },
  };
};

/** Where this machine gets its own Debian from. */
const mirror = async (logFile: string): Promise<string> => {
  const ask = ['apt-get', 'indextargets', '--format', '$(SITE)', 'Origin: Debian', 'Created-By: Packages'];
  if ((await tryRun(ask)).stdout.trim() === '') await updatePackageLists(logFile);
  const site = (await run(ask, { logFile })).split('\n').find((line) => line !== '' && !line.includes('security'));
  if (site === undefined) {
    throw new Error(
      'Cannot find a Debian mirror: none of the sources of apt here is Debian. Add one to sources.list.d.',
    );
  }
  return site;
};

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

const sourcesList = (suite: string, site: string): string =>
  ['deb', 'deb-src'].map((kind) => `${kind} [signed-by=${keyring}] ${site} ${suite} main\n`).join('');

/** An empty status: whatever is asked for comes with all that it needs. */
const aptConfig = (folder: string): string =>
  [
    ['Dir::State', folder],
    ['Dir::State::lists', join(folder, 'lists')],
    ['Dir::State::status', join(folder, 'status')],
    ['Dir::Cache', folder],
    ['Dir::Etc::sourcelist', join(folder, 'sources.list')],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::Etc::preferencesparts', '/dev/null'],
    ['APT::Install-Recommends', 'false'],
    ['APT::Sandbox::User', 'root'],
    ['Acquire::Languages', 'none'],
    ['Acquire::IndexTargets::deb::DEP-11::DefaultEnabled', 'false'],
  ]
    .map(([key, value]) => `${key} "${value}";\n`)
    .join('');
