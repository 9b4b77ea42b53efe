// Why a block with handlers cannot join the root file of containerd 1.x. It looks at the files alone.
import type { Obstacle } from '../engine.ts';
import { tableAt } from '../toml.ts';
import { type ConfigTree, filesOf } from './config-tree.ts';
import { setBlock } from './managed-block.ts';
import { criPluginIdFor1 } from './plugin-id.ts';

export function blockObstacle(tree: ConfigTree): Obstacle | undefined {
  return importObstacle(tree) ?? tableObstacle(tree);
}

/**
 * Only the root file is ours to edit: one that is imported is mostly written by a program, again and again.
 * *Source*: containerd v1.7.27 services/server/config `mergeConfig`: a file that is loaded later replaces a plugin's settings whole.
 */
function importObstacle(tree: ConfigTree): Obstacle | undefined {
  const id = criPluginIdFor1(tree);
  const deciding = filesOf(tree).findLast(({ table }) => id in tableAt(table, 'plugins'));
  if (!deciding || deciding === tree.root) return undefined;
  return {
    reason: 'ConfigOverridden',
    message: `Cannot add handlers to ${tree.rootPath}: ${deciding.path}, which it imports, replaces all of its CRI settings in containerd 1.x.`,
    hint: `Move the CRI settings of both into ${tree.rootPath}, or upgrade containerd to 2.x, which merges them.`,
  };
}

function tableObstacle(tree: ConfigTree): Obstacle | undefined {
  const anyHandler = `[plugins."${criPluginIdFor1(tree)}".containerd.runtimes."a name that no handler has"]`;
  if (setBlock(tree.root?.text ?? '', 'SandboxRuntime any', anyHandler) !== undefined) return undefined;
  return {
    reason: 'ConfigUnfit',
    message: `Cannot add handlers to ${tree.rootPath}: its runtimes are in an inline table, which no other table can join.`,
    hint: 'Write the CRI settings under [table] headers.',
  };
}
