// containerd for the steps: drop-ins of our own, imported by its root file; its own binary judges the candidate.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../../crds/names.ts';
import { type ConfigTree, filesOf } from '../../engine/containerd/config-tree.ts';
import { handlersOf } from '../../engine/containerd/drop-in.ts';
import { handlersInDump, handlerType } from '../../engine/containerd/judge-config.ts';
import type { EngineConfig } from '../../engine/engine.ts';
import { parseToml, type Toml } from '../../engine/toml.ts';
import type { Host } from '../../host/host.ts';
import { checkConfig } from '../check-config.ts';
import { dropInPath, type FilesNow, planAddition, planRemoval } from '../config-change.ts';
import { readFilesNow } from '../read-files-now.ts';
import { originalPath, recordPath } from '../root-record.ts';
import { discardCandidate, tryCandidate } from '../try-candidate.ts';
import type { EngineDriver } from './driver.ts';

export const containerdDriver: EngineDriver = {
  kind: 'containerd',
  folders: () => [hostPaths.containerdDropIns],
  ownFolders: [hostPaths.containerdDropIns],
  traces: (runtime) => [dropInPath(runtime), recordPath],
  isLast,
  discardCandidate: (host, { configPath }) => discardCandidate(host, configPath),
  open: async (host, engine, runtime, outcome) => {
    const checked = await checkConfig(host, engine, outcome);
    if (checked.kind === 'Unsound') return checked;
    const now = await readFilesNow(host, checked.tree, runtime);
    const plans = {
      rootFolderIsThere: (await host.stat(dirname(checked.tree.rootPath))) !== undefined,
      isLast: await isLast(host, runtime),
    };
    return {
      kind: 'Sound',
      config: configOf(checked.tree, checked.dump, now, runtime, plans),
      tryCandidate: (candidate) => tryCandidate(host, { ...candidate, checked }),
      tidy: () => tidy(host, now),
    };
  },
  loadedFiles: async (_host, { config }) => (config?.kind === 'Read' ? filesOf(config.tree) : undefined),
};

function configOf(
  tree: ConfigTree,
  dump: Toml,
  now: FilesNow,
  runtime: string,
  plans: { readonly rootFolderIsThere: boolean; readonly isLast: boolean },
): EngineConfig {
  const files = filesOf(tree);
  const handlers = handlersInDump(dump);
  return {
    files,
    handlers,
    own: handlersOf(parseToml(now.dropIn ?? '')),
    definedBy: (handler) => {
      const definers = files.filter(({ table }) => handlersOf(table).includes(handler)).map(({ path }) => path);
      const other = definers.find((path) => path !== dropInPath(runtime));
      if (other !== undefined) return other;
      return handlers.includes(handler) && definers.length === 0 ? 'the config of containerd' : undefined;
    },
    typeOf: (handler) => handlerType(dump, handler),
    planAddition: (task, folder) => planAddition(now, task, folder, plans.rootFolderIsThere),
    planRemoval: () => planRemoval(now, runtime, plans.isLast),
  };
}

async function isLast(host: Host, runtime: string): Promise<boolean> {
  const names = await host.list(hostPaths.containerdDropIns);
  return names.every((name) => !name.endsWith('.toml') || name === `${runtime}.toml`);
}

/** What was remembered goes last, so that a removal that was cut off is known as one. */
async function tidy(host: Host, { tree, record }: FilesNow): Promise<void> {
  await host.removeEmptyFolder(hostPaths.containerdDropIns);
  const madeFolder = (await host.stat(tree.rootPath)) ? undefined : record?.madeFolder;
  if (madeFolder !== undefined) await host.removeEmptyFolder(madeFolder);
  await host.removeFile(originalPath);
  await host.removeFile(recordPath);
}
