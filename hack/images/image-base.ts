// The recipe of what images are built on: Node with its libraries, and tools for nodes, as two file trees. It writes no image.
import { chmod, copyFile, cp, mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ensureCommands } from '../build/debian-packages.ts';
import type { BuildContext, Recipe } from '../build/recipe.ts';
import { run } from '../run.ts';
import { unpackDebianPackages } from './debian-files.ts';
import { parseLdd } from './shared-libraries.ts';

/** Folders of the artifact: what every image has, and what only images for nodes have. */
export const baseFolders = { node: 'node', tools: 'tools' } as const;
/** Applets of busybox: what the installer runs, and a shell for whoever debugs a node. */
export const applets = ['sh', 'chroot', 'nsenter', 'unxz', 'bunzip2'] as const;
export const packagesFile = 'packages.json';

const packages = { node: ['libc6', 'libgcc-s1', 'libstdc++6'], tools: ['busybox-static', 'util-linux'] };
/** uid 65532 is `nonroot` in distroless images, which scanners know. */
const passwd = 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n';
const texts = { 'etc/passwd': passwd, 'etc/nsswitch.conf': 'passwd: files\nhosts: files dns\n' };

/** @param home what hack/node.sh prints */
export function imageBase(home: string, nodeVersion: string): Recipe {
  return {
    version: nodeVersion,
    what: 'Node, its libraries and node tools as file trees',
    needs: [],
    inputs: { packages, texts, applets, layout: 2 },
    build: (context) => build(home, context),
  };
}

async function build(home: string, context: BuildContext): Promise<void> {
  await ensureCommands({ strip: 'binutils', 'dpkg-deb': 'dpkg' }, context.say);
  const node = await buildNode(home, join(context.into, baseFolders.node), context);
  const tools = await buildTools(join(context.into, baseFolders.tools), context);
  await writeFile(join(context.into, packagesFile), JSON.stringify({ node, tools }, null, 2));
}

async function buildNode(home: string, tree: string, { scratch, logFile }: BuildContext) {
  const debian = join(scratch, 'node');
  const got = await unpackDebianPackages(packages.node, { into: debian, scratch: `${debian}-debs`, logFile });
  const program = join(home, 'bin/node');
  const { loader, names } = parseLdd(await run(['ldd', program]));
  const inside = join('lib', await multiarchFolder(debian));
  for (const name of names.filter((soname) => !soname.startsWith('linux-vdso'))) {
    await place(await find(debian, name), join(tree, inside, name));
  }
  await place(await find(debian, basename(loader)), join(tree, loader));
  await place(program, join(tree, 'bin/node'));
  // Symbols and debug data are a seventh of the file.
  await run(['strip', '--strip-all', join(tree, 'bin/node')], { logFile });
  await place(join(home, 'LICENSE'), join(tree, 'usr/share/doc/node/LICENSE'), 0o644);
  await copyrights(debian, tree);
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  return got;
}

/** Debian's static busybox has no flock applet; util-linux's needs libc alone. */
async function buildTools(tree: string, { scratch, logFile }: BuildContext) {
  const debian = join(scratch, 'tools');
  const got = await unpackDebianPackages(packages.tools, { into: debian, scratch: `${debian}-debs`, logFile });
  await place(await find(debian, 'busybox'), join(tree, 'bin/busybox'));
  await place(await find(debian, 'flock'), join(tree, 'bin/flock'));
  await copyrights(debian, tree);
  const has = new Set((await run([join(tree, 'bin/busybox'), '--list'])).split('\n'));
  const missing = applets.filter((applet) => !has.has(applet));
  if (missing.length > 0) throw new Error(`Cannot use this busybox: it has no ${missing.join(', ')}.`);
  return got;
}

async function place(from: string, to: string, mode = 0o755): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
}

/** A program or library in the unpacked packages, symbolic links followed. */
async function find(root: string, name: string): Promise<string> {
  const paths = await readdir(root, { recursive: true });
  const path = paths.find((candidate) => basename(candidate) === name && /(^|\/)(lib|lib64|bin)\//.test(candidate));
  if (path) return realpath(join(root, path));
  throw new Error(`Cannot put ${name} into the image: none of the Debian packages has it. Add its package.`);
}

async function multiarchFolder(root: string): Promise<string> {
  return basename(dirname(await find(root, 'libc.so.6')));
}

async function copyrights(root: string, tree: string): Promise<void> {
  const paths = await readdir(root, { recursive: true });
  for (const path of paths.filter((candidate) => /^usr\/share\/doc\/[^/]+\/copyright$/.test(candidate))) {
    await cp(join(root, path), join(tree, path), { recursive: true });
  }
}
