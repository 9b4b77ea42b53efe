// A host for one who must not change it: what is written goes into a folder of this container, where the host's own programs
// see it through `/proc/<our PID>/root`, and nobody else does. So the engine's binary can judge a candidate that is not there.
import { lstat, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import type { Host, Preview } from './host.ts';
import { runProgram } from './run-program.ts';

const lookTimeoutMs = 5_000;

/**
 * `root` is where the host's root is seen, `scratch` a folder of this container, `tools` what has `test` as its applet.
 * `undefined` where the host's programs cannot see into this container: then nothing can be said, and so nothing is.
 */
export async function previewOf(
  host: Host,
  root: string,
  { scratch, tools }: { readonly scratch: string; readonly tools: readonly string[] },
): Promise<Preview | undefined> {
  // As the host's own /proc has it: it is another PID in here.
  const pid = await readlink(join(root, 'proc/self')).catch(() => undefined);
  if (pid === undefined || root === '/') return undefined;
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'preview-'));
  const seenAs = `/proc/${pid}/root${folder}`;
  const close = () => rm(folder, { recursive: true, force: true });
  // Asked by another process: one may always look at itself, and others only if the kernel lets them.
  const seen = await runProgram([...tools, 'test', '-d', join(root, seenAs)], lookTimeoutMs);
  if (seen.exitCode === 0) return { host: overlaid(host, folder, seenAs), close };
  await close();
  return undefined;
}

function overlaid(host: Host, folder: string, seenAs: string): Host {
  const files = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  const at = (path: string) => join(folder, path);
  const written = () => [...files.keys(), ...folders];
  const namesIn = (path: string) =>
    written().flatMap((each) => (dirname(each) === path ? [each.slice(each.lastIndexOf('/') + 1)] : []));
  const statOf = (kind: 'file' | 'directory', sizeBytes: number) => ({
    kind,
    mode: 0o600,
    sizeBytes,
    changedMs: host.nowMs(),
  });
  return {
    ...host,
    ...noOtherWrites,
    preview: async () => undefined,
    read: async (path) => files.get(path) ?? host.read(path),
    stat: async (path) => {
      const bytes = files.get(path);
      if (bytes) return statOf('file', bytes.length);
      return folders.has(path) ? statOf('directory', 0) : host.stat(path);
    },
    list: async (path) => [...new Set([...(await host.list(path)), ...namesIn(path)])].toSorted(),
    makeFolder: async (path) => {
      await mirror(host, path, at);
      if (!(await host.stat(path))) folders.add(path);
    },
    replace: async (path, bytes) => {
      await mirror(host, dirname(path), at);
      await rm(at(path), { force: true });
      await writeFile(at(path), seenIn(new TextDecoder().decode(bytes), [...folders], seenAs));
      files.set(path, bytes);
    },
    removeFile: async (path) => {
      if (files.delete(path)) await rm(at(path), { force: true });
    },
    removeTree: async (path) => {
      const isBelow = (each: string) => each === path || each.startsWith(`${path}/`);
      if (folders.has(path)) await rm(at(path), { recursive: true, force: true });
      for (const each of written().filter(isBelow)) {
        files.delete(each);
        folders.delete(each);
      }
    },
    removeEmptyFolder: async (path) => {
      if (namesIn(path).length === 0) folders.delete(path);
    },
    run: (argv) => host.run(argv.map((word) => seenIn(word, written(), seenAs))),
  };
}

/** Relative imports of a config must still lead to what is beside it: everything else there is a link to the host's own. */
async function mirror(host: Host, path: string, at: (path: string) => string): Promise<void> {
  const above = path === '/' ? undefined : dirname(path);
  if (above !== undefined) await mirror(host, above, at);
  const there = await lstat(at(path)).catch(() => undefined);
  if (there?.isDirectory() && path !== '/') return;
  if (there?.isSymbolicLink()) await rm(at(path));
  await mkdir(at(path), { recursive: true });
  for (const name of await host.list(path)) {
    await symlink(join(path, name), at(join(path, name))).catch(() => undefined);
  }
}

/** A text in which the paths that were written are named as the host's programs see them. */
function seenIn(text: string, paths: readonly string[], seenAs: string): string {
  if (paths.length === 0) return text;
  const longestFirst = paths
    .toSorted((a, b) => b.length - a.length)
    .map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text.replace(
    new RegExp(`(?<![\\w/])(${longestFirst.join('|')})(?![\\w.-])`, 'g'),
    (path) => `${seenAs}${path}`,
  );
}

const never = async () => {
  throw new Error('The host is looked at only.');
};
const noOtherWrites = {
  writeNew: never,
  append: never,
  rename: never,
  makeLink: never,
  restartService: never,
  systemctl: never,
  lock: never,
} satisfies Record<string, () => Promise<never>>;
