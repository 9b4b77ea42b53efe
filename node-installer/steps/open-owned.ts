// Opens the root config of a containerd that a distribution renders: ours goes in through a drop-in or a template, never into the root.
import type { ConfigOwner } from '../distro/config-owner.ts';
import { blockObstacle } from '../engine/containerd/block-obstacle.ts';
import { type ConfigTree, filesOf } from '../engine/containerd/config-tree.ts';
import { handlersInDump, handlerType } from '../engine/containerd/judge-config.ts';
import { blockBody, blockOwners, removeBlock } from '../engine/containerd/managed-block.ts';
import { handlersOf, isDumpOf1 } from '../engine/containerd/plugin-id.ts';
import { hasBlocksOf } from '../engine/containerd/template-block.ts';
import type { EngineConfig, LoadedFile, Obstacle } from '../engine/engine.ts';
import { parseToml } from '../engine/toml.ts';
import type { Host } from '../host/host.ts';
import type { CheckedConfig } from './check-config.ts';
import type { OpenedConfig } from './drivers/driver.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { dropInGlob, planOwnedAddition, planOwnedRemoval, rootAfter, type WayIn, wayIn } from './owned-change.ts';
import { type OwnedFiles, readOwnedFiles } from './owned-files.ts';
import { recordPath } from './root-record.ts';
import { refuse } from './step.ts';
import { templateObstacle } from './template-obstacle.ts';
import { tryCandidate } from './try-candidate.ts';

type Sound = Extract<CheckedConfig, { kind: 'Sound' }>;

export async function openOwned(
  host: Host,
  engine: ObservedEngine,
  owner: ConfigOwner,
  checked: Sound,
  runtime: string,
): Promise<OpenedConfig> {
  const config = { tree: checked.tree, is1: isDumpOf1(checked.dump) };
  const now = await readOwnedFiles(host, owner, config, runtime);
  const way = wayIn(now);
  const unclear = templateObstacle(engine, now);
  const folder = way.kind === 'DropIn' ? way.dropIn.folder : undefined;
  const dropIns = folder === undefined ? undefined : { folder, glob: dropInGlob(folder) };
  return {
    kind: 'Sound',
    config: configOf(checked, now, way, runtime, obstacleTo(now, way, runtime, owner, unclear)),
    tryCandidate: async (candidate) => {
      if (unclear)
        return { kind: 'Rejected', refusal: refuse('failed', unclear.reason, unclear.message, unclear.hint) };
      const files = [...candidate.files, ...rootAfter(now.tree, way, candidate.files)];
      const handlers = [...candidate.handlers, ...blockHandlers(now)];
      return tryCandidate(host, { ...candidate, handlers, files, checked, dropIns });
    },
    tidy: () => tidy(host, now),
  };
}

function configOf(
  { tree, dump }: Sound,
  now: OwnedFiles,
  way: WayIn,
  runtime: string,
  obstacle: Obstacle | undefined,
): EngineConfig {
  return {
    files: [...filesOf(tree), ...unreadTemplates(now, way)],
    handlers: handlersNext(handlersInDump(dump), now, way, runtime),
    own: [...new Set([...renderedHandlers(now, runtime), ...comingHandlers(way, runtime)])],
    definedBy: (handler) =>
      othersTexts(now, runtime).find(({ text }) => handlersOf(parseToml(text)).includes(handler))?.path,
    typeOf: (handler) => handlerType(dump, handler),
    ...(obstacle ? { obstacle } : {}),
    planAddition: (task, folder) => planOwnedAddition(now, way, task, folder),
    planRemoval: () => planOwnedRemoval(now, runtime),
  };
}

/** A template that somebody has changed meanwhile is in the way of changes alone: the engine runs as it is. */
function obstacleTo(
  now: OwnedFiles,
  way: WayIn,
  runtime: string,
  owner: ConfigOwner,
  unclear: Obstacle | undefined,
): Obstacle | undefined {
  if (way.kind === 'Closed') return closed(now.tree, owner);
  if (unclear && !now.record?.blocks?.includes(runtime)) return unclear;
  return now.is1 ? blockObstacle(now.tree) : undefined;
}

function closed({ rootPath }: ConfigTree, { whenClosed }: ConfigOwner): Obstacle {
  const message = `Cannot add handlers to ${rootPath}: the distribution writes it, and lets no drop-in and no template in.`;
  return { reason: 'UnsupportedDistribution', message, hint: whenClosed };
}

/** What the engine has not read of ours, for which a restart is due. What others have put there is for them to have read. */
function unreadTemplates({ tree: { root } }: OwnedFiles, way: WayIn): LoadedFile[] {
  if (way.kind !== 'Template' || !root) return [];
  const { path, text = '' } = way.template;
  return hasBlocksOf(root.text, text) ? [] : [{ path, text }];
}

/** A template may be ahead of what is rendered from it, by a change of ours that was cut off. */
function handlersNext(now: readonly string[], files: OwnedFiles, way: WayIn, runtime: string): string[] {
  const rendered = renderedHandlers(files, runtime);
  const others = now.filter((name) => !rendered.includes(name));
  return [...new Set([...others, ...comingHandlers(way, runtime)])];
}

function renderedHandlers({ tree, dropIns }: OwnedFiles, runtime: string): string[] {
  const imported = tree.imported.filter(({ path }) => dropIns.some((own) => own.path === path));
  return handlersIn([
    blockBody(tree.root?.text ?? '', `SandboxRuntime ${runtime}`),
    ...imported.map(({ text }) => text),
  ]);
}

function comingHandlers(way: WayIn, runtime: string): string[] {
  if (way.kind === 'Closed') return [];
  const text =
    way.kind === 'DropIn' ? way.dropIn.text : blockBody(way.template.text ?? '', `SandboxRuntime ${runtime}`);
  return handlersIn([text]);
}

/** Those of every SandboxRuntime: a change of another one that was cut off comes or goes with this one. */
function blockHandlers({ tree, templates }: OwnedFiles): string[] {
  const texts = [tree.root?.text, ...templates.map(({ text }) => text)].filter((text) => text !== undefined);
  return handlersIn(texts.flatMap((text) => blockOwners(text).map((owner) => blockBody(text, owner))));
}

function handlersIn(texts: readonly (string | undefined)[]): string[] {
  return texts.flatMap((text = '') => handlersOf(parseToml(text)));
}

function othersTexts({ tree, dropIns }: OwnedFiles, runtime: string): LoadedFile[] {
  const others = filesOf(tree).filter(({ path }) => dropIns.every((own) => own.path !== path));
  return others.map(({ path, text }) => ({ path, text: removeBlock(text, `SandboxRuntime ${runtime}`) }));
}

/** What was remembered goes last, so that a removal that was cut off is known as one. */
async function tidy(host: Host, { record }: OwnedFiles): Promise<void> {
  if (record?.madeFolder !== undefined) await host.removeEmptyFolder(record.madeFolder);
  await host.removeFile(recordPath);
}
