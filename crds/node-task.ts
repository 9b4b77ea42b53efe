// What the operator tells a node container to do: JSON in one environment variable, nothing else reaches the node.
import { z } from 'zod';
import { nodeNeeds } from './node-needs.ts';
import { taskSource } from './payload-source.ts';

/** Stands in options and generated files for the payload's folder on the host. */
export const folderPlaceholder = '{dir}';

/** Stands in a variant's handler for the name of the handler that is made of it, without the family's. */
export const handlerPlaceholder = '{handler}';

/** A path inside the payload's folder: relative, without `..`. */
const payloadPath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'must be relative and stay inside the payload',
  );

/** A handler as the container engine's config will have it. */
export const handlerTask = z.object({
  name: z.string(),
  /** containerd's `runtime_type`, e.g. `io.containerd.runsc.v1`. */
  runtimeType: z.string().min(1),
  /** The shim (containerd's `runtime_path`), when it is not the engine's own. */
  runtimePath: payloadPath.optional(),
  /** An OCI runtime of the payload that does the same, for engines that run those and no shim: Docker. */
  ociRuntime: payloadPath.optional(),
  /** The handler's `options` table; `{dir}` in strings is the payload's folder. */
  options: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])),
  podAnnotations: z.array(z.string()),
  containerAnnotations: z.array(z.string()).optional(),
  /** A privileged container of the handler does not get the node's devices. */
  privilegedWithoutHostDevices: z.boolean().optional(),
  /** containerd's snapshotter for images of the handler's pods, when it is not the engine's own. */
  snapshotter: z.string().optional(),
  /** The guest pulls images, and CRI-O is to leave that to it. */
  pullsInGuest: z.boolean().optional(),
  /** Files that must be in the payload for this handler to work. */
  requires: z.array(payloadPath),
  /** Files, and folders with all that is in them, that come along if the payload has them. */
  brings: z.array(payloadPath).optional(),
  /**
   * Files that its config most likely names, `*` for what has no slash and no hyphen: kept while a source passes by, though its
   * config may come later. They decide nothing.
   */
  expects: z.array(payloadPath).optional(),
  /** Links that the payload does not have and the handler needs, made if they lead somewhere. */
  links: z.array(z.object({ path: payloadPath, target: z.string() })).optional(),
  /** The runtime's own config: a file of the payload, copied so that its paths are those on the node. What it names is needed. */
  config: z
    .object({
      from: payloadPath,
      to: payloadPath,
      /** What is added to settings that the file has already: to a list, or to a text of words. */
      additions: z
        .array(
          z.object({ at: z.array(z.string()).min(1), kind: z.enum(['list', 'words']), values: z.array(z.string()) }),
        )
        .optional(),
    })
    .optional(),
  /** The only architectures that it is for. */
  arches: z.array(z.string()).optional(),
});

export const nodeTask = z.object({
  /** Name of the SandboxRuntime. */
  runtime: z.string(),
  family: z.string(),
  version: z.string(),
  revision: z.string(),
  handlers: z.array(handlerTask).min(1),
  /** Where the payload comes from, laid over each other in this order. */
  sources: z.array(taskSource).default([{ kind: 'image' }]),
  /** Absolute folder that the payload was made for: the sources have its files under this name or at their top. */
  payloadRoot: z.string().optional(),
  /** What of archives and host folders is staged. */
  takes: z.enum(['Needed', 'Everything']).default('Needed'),
  /** Files written beside the payload's own; `{dir}` in the text is the payload's folder. */
  generatedFiles: z.array(z.object({ path: payloadPath, text: z.string() })),
  /** What the handlers together need of a node. */
  needs: nodeNeeds,
  /** Removal only: also while sandboxes run. */
  force: z.boolean().default(false),
});

/** Folder of the files that are laid over a runtime's config, by their names' order. *Source*: both of Kata's shims look there. */
export function overridesOf(config: string): string {
  return `${config.slice(0, config.lastIndexOf('/'))}/config.d`;
}

/** The handlers that a node of an architecture gets. */
export function handlersFor<T extends Pick<HandlerTask, 'arches'>>(handlers: readonly T[], arch: string): T[] {
  return handlers.filter(({ arches }) => arches === undefined || arches.includes(arch));
}

export type HandlerTask = z.infer<typeof handlerTask>;
export type NodeTask = z.infer<typeof nodeTask>;
