// containerd for the steps: on 2.x drop-ins of our own, imported by its root file; on 1.x, where a drop-in would replace
// the admin's runtimes, a block in the root file. Its own binary judges the candidate.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../../crds/names.ts';
import { blockObstacle } from '../../engine/containerd/block-obstacle.ts';
import { followCgroupDriver } from '../../engine/containerd/cgroup-driver.ts';
import { type ConfigTree, filesOf } from '../../engine/containerd/config-tree.ts';
import { defaultRuntimes } from '../../engine/containerd/default-runtimes.ts';
import { handlersInDump, handlerType } from '../../engine/containerd/judge-config.ts';
import { blockBody, removeBlock } from '../../engine/containerd/managed-block.ts';
import { handlersOf, isDumpOf1 } from '../../engine/containerd/plugin-id.ts';
import type { EngineConfig } from '../../engine/engine.ts';
import { parseToml, type Toml } from '../../engine/toml.ts';
import type { Host } from '../../host/host.ts';
import { checkConfig } from '../check-config.ts';
import {
  dropInGlob,
  dropInPath,
  type FilesNow,
  othersBlocks,
  planAddition,
  planRemoval,
  wantedBlock,
  wantedDropIn,
} from '../config-change.ts';
import { openOwned } from '../open-owned.ts';
import { ownerOf } from '../owner-of.ts';
import { readFilesNow, readText } from '../read-files-now.ts';
import { originalPath, parseRecord, recordPath } from '../root-record.ts';
import { discardCandidate, tryCandidate } from '../try-candidate.ts';
import { tryStart } from '../try-start.ts';
import type { EngineDriver } from './driver.ts';

const ownDropIns = { folder: hostPaths.containerdDropIns, glob: dropInGlob };

export const containerdDriver: EngineDriver = {
  kind: 'containerd',
  folders: (engine) => (ownerOf(engine) ? [dirname(engine.configPath)] : [hostPaths.containerdDropIns]),
  ownFolders: [hostPaths.containerdDropIns],
  traces: (runtime) => [dropInPath(runtime), recordPath],
  isLast,
  discardCandidate: (host, { configPath }) => discardCandidate(host, configPath),
  open: async (host, engine, runtime, outcome) => {
    const checked = await checkConfig(host, engine, outcome);
    if (checked.kind === 'Unsound') return checked;
    const owner = ownerOf(engine);
    if (owner) return openOwned(host, engine, owner, checked, runtime);
    const now = await readFilesNow(host, checked.tree, runtime);
    return {
      kind: 'Sound',
      config: configOf(checked.dump, now, runtime, await isLast(host, runtime)),
      tryCandidate: (candidate) => tryCandidate(host, { ...candidate, checked, dropIns: ownDropIns }),
      tryStart: () => tryStart(host, checked),
      tidy: () => tidy(host, now),
    };
  },
  loadedFiles: async (_host, { config }) => (config?.kind === 'Read' ? filesOf(config.tree) : undefined),
};

function configOf(dump: Toml, now: FilesNow, runtime: string, isLastRuntime: boolean): EngineConfig {
  const isBlock = isDumpOf1(dump);
  const handlers = handlersInDump(dump);
  const obstacle = isBlock ? blockObstacle(now.tree) : undefined;
  return {
    files: filesOf(now.tree),
    handlers,
    own: [now.dropIn, blockBody(now.tree.root?.text ?? '', `SandboxRuntime ${runtime}`)].flatMap((text = '') =>
      handlersOf(parseToml(text)),
    ),
    definedBy: (handler) => definedBy(now.tree, runtime, handlers, handler),
    typeOf: (handler) => handlerType(dump, handler),
    ...(obstacle ? { obstacle } : {}),
    planAddition: (task, folder) => {
      const asTheNode = { ...task, handlers: followCgroupDriver(task.handlers, dump) };
      const defaults = isBlock ? defaultRuntimes(now.tree, dump) : undefined;
      const wanted = isBlock ? wantedBlock(now, asTheNode, folder, defaults) : wantedDropIn(now, asTheNode, folder);
      return planAddition(now, runtime, wanted);
    },
    planRemoval: () => planRemoval(now, runtime, isLastRuntime),
  };
}

/** A file that has it outside what is ours there; the engine's own default where it is in no file. */
function definedBy(
  tree: ConfigTree,
  runtime: string,
  handlers: readonly string[],
  handler: string,
): string | undefined {
  const defines = (text: string) => handlersOf(parseToml(text)).includes(handler);
  const other = filesOf(tree).find(
    ({ path, text }) => path !== dropInPath(runtime) && defines(removeBlock(text, `SandboxRuntime ${runtime}`)),
  );
  if (other) return other.path;
  const isOurs = filesOf(tree).some(({ text }) => defines(text));
  return handlers.includes(handler) && !isOurs ? 'the config of containerd' : undefined;
}

async function isLast(host: Host, runtime: string): Promise<boolean> {
  const names = await host.list(hostPaths.containerdDropIns);
  const record = parseRecord(await readText(host, recordPath));
  const others = names.filter((name) => name.endsWith('.toml') && name !== `${runtime}.toml`);
  return others.length === 0 && othersBlocks(record, runtime).length === 0;
}

/** What was remembered goes last, so that a removal that was cut off is known as one. */
async function tidy(host: Host, { tree, record }: FilesNow): Promise<void> {
  await host.removeEmptyFolder(hostPaths.containerdDropIns);
  const madeFolder = (await host.stat(tree.rootPath)) ? undefined : record?.madeFolder;
  if (madeFolder !== undefined) await host.removeEmptyFolder(madeFolder);
  await host.removeFile(originalPath);
  await host.removeFile(recordPath);
}
