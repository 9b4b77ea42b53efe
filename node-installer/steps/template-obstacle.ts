// Says why a template cannot be built on: what the distribution would make of it at its next start is not what runs now. It refuses nothing.
import type { ConfigFile } from '../engine/containerd/config-tree.ts';
import { removeBlocks } from '../engine/containerd/managed-block.ts';
import { isRenderingOf, isStub } from '../engine/containerd/rendering.ts';
import type { Obstacle } from '../engine/engine.ts';
import type { ObservedEngine } from './observe-engine.ts';
import type { OwnedFiles, TemplateFile } from './owned-files.ts';

/** The next start renders the first template that is there. */
export function templateObstacle(
  { process, unit, configPath }: ObservedEngine,
  { tree: { root }, templates }: OwnedFiles,
): Obstacle | undefined {
  const next = templates.find(({ text }) => text !== undefined);
  if (!root || !next) return undefined;
  const text = removeBlocks(next.text ?? '');
  if (text === next.initial) return undefined;
  if (isStub(text)) {
    const message = `Cannot use the template ${next.path}: it sets none of the engine's plugins, and leaves out what is built in.`;
    const hint = `Delete it, or put {{ template "base" . }} into it; ${unit} may not come back from its next restart as it is.`;
    return { reason: 'ConfigBroken', message, hint };
  }
  if (isRendered(next, root, text) || next.changedMs < process.startedMs) return undefined;
  const message = `Cannot tell what ${configPath} will be: ${next.path} was changed after it had been rendered.`;
  const hint = `Restart ${unit} when it suits, so that what is in the template is in use; the node is then tried again.`;
  return { reason: 'ConfigUnread', message, hint };
}

/** What is built in has the schema of the template that calls it. */
function isRendered({ schema }: TemplateFile, root: ConfigFile, template: string): boolean {
  if (template.includes('{{') && root.table['version'] !== schema) return false;
  return isRenderingOf(removeBlocks(root.text), template) === true;
}
