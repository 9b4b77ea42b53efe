// What a task needs of its payload's files, once the runtimes' own configs in it are known. Pure.
import { dirname } from 'node:path/posix';
import { folderPlaceholder, type NodeTask, overridesOf } from '../../crds/node-task.ts';
import type { PayloadTree, Wants } from './payload-tree.ts';
import { namedFiles } from './runtime-config.ts';

type Texts = ReadonlyMap<string, string>;

/** The files whose content decides what else is needed. */
export function decisiveFiles({ handlers }: NodeTask): Set<string> {
  return new Set(handlers.flatMap(({ config }) => config?.from ?? []));
}

/** @param texts the content of the {@link decisiveFiles} that are there */
export function wantsOf(task: NodeTask, texts: Texts): Wants {
  const { handlers, takes } = task;
  const named = namedByConfigs(task, texts);
  const files = handlers.flatMap(({ requires, runtimePath, config }) =>
    [...requires, runtimePath, config?.from].filter((path) => path !== undefined),
  );
  const optional = handlers.flatMap(({ brings = [], links = [] }) => [...brings, ...links.map(({ path }) => path)]);
  return {
    files: [...new Set([...files, ...named.needed])],
    optional: [...new Set([...optional, ...named.possible])],
    everything: takes === 'Everything',
  };
}

/** The payload's files with the links that the handlers add. */
export function withLinks(tree: PayloadTree, { handlers }: NodeTask): PayloadTree {
  const links = handlers.flatMap(({ links: added = [] }) => added);
  return new Map([...tree, ...links.map(({ path, target }) => [path, { kind: 'link', target }] as const)]);
}

function namedByConfigs({ handlers, generatedFiles, payloadRoot }: NodeTask, texts: Texts) {
  if (payloadRoot === undefined) return { needed: [], possible: [] };
  const named = handlers.flatMap(({ config }) => {
    const text = config && texts.get(config.from);
    if (!config || text === undefined) return [];
    const overrides = generatedFiles.filter(({ path }) => dirname(path) === overridesOf(config.to));
    return [
      namedFiles(config.from, text, payloadRoot),
      ...overrides.map((file) =>
        namedFiles(file.path, file.text.replaceAll(folderPlaceholder, payloadRoot), payloadRoot),
      ),
    ];
  });
  return {
    needed: named.flatMap(({ needed }) => needed),
    possible: named.flatMap(({ possible }) => possible),
  };
}
