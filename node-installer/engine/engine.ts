// What every kind of container engine gives to the steps: its config as handlers and planned changes. It reads and writes nothing.
import type { HandlerTask, NodeTask } from '../../crds/node-task.ts';

/** *Shape*: absent text is an absent file; `mode` is for a file that is new. */
export type FileChange = {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly mode: number;
};

/** A file as the engine loads it. */
export type LoadedFile = { readonly path: string; readonly text: string };

/** Why handlers cannot be added to a config, in the words of a report. */
export type Obstacle = { readonly reason: string; readonly message: string; readonly hint: string };

/** A sound config of an engine, read for one SandboxRuntime. */
export type EngineConfig = {
  /** Every file that the engine loads, in its order. */
  readonly files: readonly LoadedFile[];
  /** The handlers in the engine's own merged view. */
  readonly handlers: readonly string[];
  /** Those that our part of the config defines for the SandboxRuntime. */
  readonly own: readonly string[];
  /** Who defines a handler that is not ours: a file, or the engine's config in words. */
  readonly definedBy: (handler: string) => string | undefined;
  /** What runs a handler, in the words of a task's `runtimeType`; `undefined` where the config does not tell. */
  readonly typeOf: (handler: string) => string | undefined;
  /** In the way of an addition though the config is sound; what is ours can be taken out all the same. */
  readonly obstacle?: Obstacle;
  /** Why the engine cannot run a handler, whatever its config. */
  readonly unfit?: (handler: HandlerTask) => Obstacle | undefined;
  /** Handlers of ours that stay in an addition although the task has them no more: sandboxes still need them. */
  readonly held?: readonly string[];
  /** *Guarantees*: in the order in which they are to be written; empty when the config is as wanted. */
  readonly planAddition: (task: NodeTask, folder: string) => readonly FileChange[];
  readonly planRemoval: () => readonly FileChange[];
};
