// Which files of a payload are wanted, as far as what has been seen of it tells: the runtimes' configs name some, links lead on to
// others. It only guesses right more often the more it has seen; what counts is chosen when all of it is known.
import type { NodeTask } from '../../crds/node-task.ts';
import { destinationOf, type PayloadEntry } from './payload-tree.ts';
import { wantsOf, withLinks } from './wants.ts';

export interface WantedSoFar {
  has(path: string): boolean;
  learn(path: string, entry: PayloadEntry): void;
  learnText(path: string, text: string): void;
}

export function wantedSoFar(task: NodeTask): WantedSoFar {
  const links = new Map<string, PayloadEntry>();
  const texts = new Map<string, string>();
  const expected = task.handlers.flatMap(({ expects = [] }) => expects.map(patternOf));
  let reach = reachOf(task, links, texts);
  return {
    has: (path) =>
      reach.everything ||
      reach.files.has(path) ||
      waysTo(path).some((folder) => reach.folders.has(folder)) ||
      expected.some((pattern) => pattern.test(path)),
    learn: (path, entry) => {
      if (entry.kind !== 'link' && entry.kind !== 'sameAs') return;
      links.set(path, entry);
      if (reach.ways.has(path)) reach = reachOf(task, links, texts);
    },
    learnText: (path, text) => {
      texts.set(path, text);
      reach = reachOf(task, links, texts);
    },
  };
}

type Reach = {
  readonly everything: boolean;
  readonly files: ReadonlySet<string>;
  /** Wanted with all that is below. */
  readonly folders: ReadonlySet<string>;
  /** Where a link would lead a wanted path elsewhere. */
  readonly ways: ReadonlySet<string>;
};

function reachOf(task: NodeTask, links: ReadonlyMap<string, PayloadEntry>, texts: ReadonlyMap<string, string>): Reach {
  const { files, optional, everything } = wantsOf(task, texts);
  const tree = withLinks(links, task);
  const destinations = (paths: readonly string[]) =>
    new Set(paths.flatMap((path) => destinationOf(tree, path, task.payloadRoot) ?? []));
  const [wanted, folders] = [destinations(files), destinations(optional)];
  return { everything, files: wanted, folders, ways: new Set([...wanted, ...folders].flatMap(waysTo)) };
}

function patternOf(expectation: string): RegExp {
  const parts = expectation.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/-]*')}$`);
}

/** The path and every folder that it is in. */
function waysTo(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
