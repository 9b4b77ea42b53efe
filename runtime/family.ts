// The shape of a catalogue entry; holds no values.
import type { NodeNeeds } from '../crds/node-needs.ts';
import type { HandlerTask, NodeTask } from '../crds/node-task.ts';
import type { Digest } from '../crds/payload-source.ts';

/** What a variant of a family needs to become a handler. */
export type Variant = {
  /** The name users know. */
  readonly name: string;
  /** The handler's name, when the spec gives none. Default: the variant's. */
  readonly handlerName?: string;
  /** Further RuntimeClasses, when the spec names no handlers. */
  readonly aliases?: readonly string[];
  /** Names of the version's archives that it needs. */
  readonly archives?: readonly string[];
  readonly handler: Omit<HandlerTask, 'name'>;
  /** RuntimeClass overhead, e.g. `{ memory: '160Mi' }`. */
  readonly overhead: Readonly<Record<string, string>>;
  /** What an admin may set in the runtime's own config. */
  readonly options?: ConfigOptions;
  /** What it needs beyond its family. */
  readonly needs?: Partial<NodeNeeds>;
  /** Where a guest's memory lies in /dev/shm. */
  readonly sharedMemory?: SharedMemory;
};

/** Which setting of the runtime's config says how much it is, and how much the config as it comes says. */
export type SharedMemory = { readonly at: readonly string[]; readonly defaultMiB: number };

export type ConfigAddition = NonNullable<NonNullable<HandlerTask['config']>['additions']>[number];

/** How a runtime's config is changed, in its own terms. A setting is written as its path, e.g. `['runtime', 'debug']`. */
export type ConfigOptions = {
  /** Why a setting means nothing to the runtime, as the end of "… is set, but"; nothing for one that it reads. */
  readonly objection: (setting: readonly string[]) => string | undefined;
  /** TOML that turns logging in detail on. */
  readonly debug: string;
  readonly allowAnnotations: (names: readonly string[]) => ConfigAddition;
  readonly kernelParameters: (words: readonly string[]) => ConfigAddition;
  /** That the guest pulls images. */
  readonly guestPull: { readonly text: string } | ConfigAddition;
};

/** A part of a payload, published by its makers. */
export type Archive = {
  readonly name: string;
  readonly arch: string;
  readonly url: string;
  /** Absent where nobody is known to have published one: then the admin has to. */
  readonly digest?: Digest;
};

/** A part of a payload that has makers of its own: a layer of an image, an entry of its bill of materials. */
export type Component = {
  readonly name: string;
  /** Its files; of several components that a path fits, the first has it. */
  readonly paths: readonly RegExp[];
  /** SPDX expression, as its makers declare it; absent where it is a collection of many. */
  readonly license?: string;
  /** Where the payload's own list has its version and its makers' address. Without, it is the family's version. */
  readonly listedAt?: readonly string[];
};

/** One version of a family. */
export type FamilyVersion = {
  readonly version: string;
  readonly arches: readonly string[];
  /** Image name and tag, under the repository that the operator is configured with. */
  readonly image?: string;
  /** For a version without an image; with neither, the admin names the sources. */
  readonly archives?: readonly Archive[];
  readonly payloadRoot?: string;
  readonly variants: readonly Variant[];
  readonly generatedFiles: NodeTask['generatedFiles'];
  /** What of the sources goes onto a node. Default: what the handlers need. */
  readonly takes?: NodeTask['takes'];
};

export type Family = {
  readonly name: string;
  readonly title: string;
  /** What every variant needs. */
  readonly needs: NodeNeeds;
  /** The default first. */
  readonly versions: readonly FamilyVersion[];
  /** What its payloads are made of. */
  readonly components?: readonly Component[];
  /** File of a payload that lists its components' versions, in YAML. */
  readonly versionsFile?: string;
  /** What workloads select nodes by already; on nodes while they have the family. */
  readonly nodeLabels?: Readonly<Record<string, string>>;
  /** Variants that become handlers when the spec names none. */
  readonly defaultVariants: readonly string[];
};
