// What the operator tells a node container to do: JSON in one environment variable, nothing else reaches the node.
import { z } from 'zod';
import { nodeNeeds } from './node-needs.ts';
import { taskSource } from './payload-source.ts';

/** Stands in options and generated files for the payload's folder on the host. */
export const folderPlaceholder = '{dir}';

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
  /** Files that must be in the payload for this handler to work. */
  requires: z.array(payloadPath),
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

export type HandlerTask = z.infer<typeof handlerTask>;
export type NodeTask = z.infer<typeof nodeTask>;
