// What the steps ask of an engine on a host, whatever its kind. How each kind does it is in the file of its name.
import type { EngineFacts } from '../../../crds/node-facts.ts';
import type { HandlerTask } from '../../../crds/node-task.ts';
import type { EngineConfig, FileChange, LoadedFile } from '../../engine/engine.ts';
import type { Host } from '../../host/host.ts';
import type { ObservedEngine } from '../observe-engine.ts';
import type { Refusal } from '../step.ts';

export type Candidate = {
  readonly files: readonly FileChange[];
  /** The handlers that may come, change or go. */
  readonly handlers: readonly string[];
  /** Those that must be there afterwards, with the folder of their payload. */
  readonly wanted: readonly HandlerTask[];
  readonly folder: string;
};

export type Trial =
  | { readonly kind: 'Accepted'; readonly handlers: readonly string[] }
  | { readonly kind: 'Rejected'; readonly refusal: Refusal };

export type OpenedConfig =
  | {
      readonly kind: 'Sound';
      readonly config: EngineConfig;
      /** *Guarantees*: leaves the config as it is, and nothing beside it. */
      readonly tryCandidate: (candidate: Candidate) => Promise<Trial>;
      /** Starts the engine's binary on the config as it is, apart from the engine that runs; refuses what would not serve. */
      readonly tryStart?: () => Promise<Refusal | undefined>;
      /** After the last SandboxRuntime has left the config: takes away what was remembered, and folders that we made. */
      readonly tidy: () => Promise<void>;
    }
  | { readonly kind: 'Unsound'; readonly refusal: Refusal };

export type EngineDriver = {
  readonly kind: EngineFacts['kind'];
  /** Folders that are written to. */
  readonly folders: (engine: ObservedEngine) => readonly string[];
  /** Folders that are there for us alone. */
  readonly ownFolders: readonly string[];
  /** Paths that show that the SandboxRuntime is, or was until a crash, in the config. */
  readonly traces: (runtime: string) => readonly string[];
  /** No other SandboxRuntime is in the config. */
  readonly isLast: (host: Host, runtime: string) => Promise<boolean>;
  /** Takes away what a crash left of a candidate. */
  readonly discardCandidate: (host: Host, engine: ObservedEngine) => Promise<void>;
  /** Judges the config that is there now; `outcome` is what an unsound one means for the step that asks. */
  readonly open: (
    host: Host,
    engine: ObservedEngine,
    runtime: string,
    outcome: 'ineligible' | 'failed',
  ) => Promise<OpenedConfig>;
  /** What the engine would load now; `undefined` for a config that cannot be read. */
  readonly loadedFiles: (host: Host, engine: ObservedEngine) => Promise<readonly LoadedFile[] | undefined>;
};
