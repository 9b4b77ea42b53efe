// The files of a payload as a tree, whatever they come from, and the choice of what a node needs of them. Pure.
import { linkDestination } from './entry-path.ts';
import { UnfitPayload } from './unfit-payload.ts';

export type PayloadFile = { readonly kind: 'file'; readonly sizeBytes: number; readonly mode: number };

export type PayloadEntry =
  | PayloadFile
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly target: string }
  /** A hard link: the content of another file. */
  | { readonly kind: 'sameAs'; readonly path: string };

/** By path; the folders need not be in it. */
export type PayloadTree = ReadonlyMap<string, PayloadEntry>;

/** What is to be on the node. Everything in it is there, no link in it dangles or leads out. */
export type Choice = {
  readonly files: ReadonlyMap<string, PayloadFile>;
  /** Relative targets. */
  readonly links: ReadonlyMap<string, string>;
  /** Those of the files that the wanted ones are. */
  readonly needed: ReadonlySet<string>;
};

export type Wants = {
  /** Files that must be there. */
  readonly files: readonly string[];
  /** Files and whole folders that are taken if they are there. */
  readonly optional: readonly string[];
  readonly everything: boolean;
};

/**
 * *Errors*: throws for a wanted file that is not there, naming it, for one that leads out, and for setuid and setgid files.
 * @param root see {@link linkDestination}
 */
export function choose(tree: PayloadTree, wants: Wants, root: string | undefined): Choice {
  const choosing: Choosing = { tree, root, files: new Map(), links: new Map() };
  const missing = wants.files.flatMap((path) => (take(choosing, path) ? [] : [describeMissing(choosing, path)]));
  if (missing.length > 0) {
    const message = `Cannot stage the payload: it has no ${missing.join(', ')}.`;
    throw new UnfitPayload(
      'PayloadIncomplete',
      message,
      'Name sources in spec.payload.sources that together have it, or leave the handler out.',
    );
  }
  const needed = new Set(choosing.files.keys());
  const folders = wants.everything ? [''] : wants.optional;
  for (const path of folders.flatMap((folder) => below(tree, folder))) take(choosing, path);
  const { files, links } = choosing;
  return { files, links, needed };
}

/** Where a path leads by the links that a tree has so far, there or not; `undefined` where no file of the payload can be. */
export function destinationOf(tree: PayloadTree, wanted: string, root: string | undefined): string | undefined {
  try {
    return follow({ tree, root }, wanted, new Map());
  } catch (error) {
    if (error instanceof UnfitPayload) return undefined;
    throw error;
  }
}

type Choosing = {
  readonly tree: PayloadTree;
  readonly root: string | undefined;
  readonly files: Map<string, PayloadFile>;
  readonly links: Map<string, string>;
};

/** As many links as Linux follows. */
const maxLinks = 40;

/** Takes a file and every link on the way to it; false, and nothing taken, when there is no such file. */
function take(choosing: Choosing, wanted: string): boolean {
  const links = new Map<string, string>();
  const path = follow(choosing, wanted, links);
  const found = path === undefined ? undefined : choosing.tree.get(path);
  const isFolder = path !== undefined && hasBelow(choosing.tree, path);
  if (path === undefined || (found?.kind !== 'file' && !isFolder)) return false;
  for (const [at, target] of links) choosing.links.set(at, target);
  if (found?.kind !== 'file') return true;
  if ((found.mode & 0o6000) !== 0) {
    throw new UnfitPayload('PayloadHoldsSetuid', `Cannot stage the payload: ${path} is setuid or setgid.`);
  }
  choosing.files.set(path, found);
  return true;
}

/** The path without links. *Errors*: throws for a link that leads out of the payload. */
function follow(
  { tree, root }: Pick<Choosing, 'tree' | 'root'>,
  wanted: string,
  links: Map<string, string>,
): string | undefined {
  let path = wanted;
  for (let count = 0; count <= maxLinks; count++) {
    const link = linkOn(tree, path);
    if (!link) return path;
    const destination = linkDestination(link.path, link.target, root);
    if (destination === undefined) {
      throw new UnfitPayload(
        'PayloadClimbsOut',
        `Cannot stage the payload: its link ${link.path} leads out of it, to ${link.target}.`,
      );
    }
    links.set(link.path, relativeTarget(link.path, destination));
    path = [destination, path.slice(link.path.length + 1)].filter((part) => part !== '' && part !== '.').join('/');
  }
  return undefined;
}

/** The first link on the way to a path. */
function linkOn(tree: PayloadTree, path: string): { path: string; target: string } | undefined {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const at = parts.slice(0, count).join('/');
    const entry = tree.get(at);
    if (entry?.kind === 'link') return { path: at, target: entry.target };
    if (entry?.kind === 'sameAs') return { path: at, target: '../'.repeat(count - 1) + entry.path };
  }
  return undefined;
}

function relativeTarget(from: string, to: string): string {
  const [fromParts, toParts] = [from.split('/').slice(0, -1), to === '.' ? [] : to.split('/')];
  let shared = 0;
  while (shared < fromParts.length && shared < toParts.length && fromParts[shared] === toParts[shared]) shared++;
  return [...fromParts.slice(shared).map(() => '..'), ...toParts.slice(shared)].join('/') || '.';
}

function describeMissing(choosing: Choosing, wanted: string): string {
  const links = new Map<string, string>();
  const path = follow(choosing, wanted, links);
  return links.size === 0 ? wanted : `${wanted} (a link to ${path ?? 'itself'}, which is not there)`;
}

/** The path itself when it is a file or a link; else all files and links below it. */
function below(tree: PayloadTree, path: string): string[] {
  const kind = tree.get(path)?.kind;
  if (kind === 'file' || kind === 'link' || kind === 'sameAs') return [path];
  return [...tree.keys()].filter(
    (other) => tree.get(other)?.kind !== 'folder' && (path === '' || other.startsWith(`${path}/`)),
  );
}

function hasBelow(tree: PayloadTree, path: string): boolean {
  if (tree.get(path)?.kind === 'folder') return true;
  for (const other of tree.keys()) if (other.startsWith(`${path}/`)) return true;
  return false;
}
