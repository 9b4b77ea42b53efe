// The shape of a catalogue entry; holds no values.
import type { NodeNeeds } from '../crds/node-needs.ts';
import type { HandlerTask, NodeTask } from '../crds/node-task.ts';

/** What a variant of a family needs to become a handler. */
export type Variant = {
  /** The name users know, and the handler's name by default. */
  readonly name: string;
  readonly handler: Omit<HandlerTask, 'name'>;
  /** RuntimeClass overhead, e.g. `{ memory: '160Mi' }`. */
  readonly overhead: Readonly<Record<string, string>>;
  /** What it needs beyond its family. */
  readonly needs?: Partial<NodeNeeds>;
};

/** One version of a family. */
export type FamilyVersion = {
  readonly version: string;
  readonly arches: readonly string[];
  /** Image name and tag, under the repository that the operator is configured with; without one, the admin names the sources. */
  readonly image?: string;
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
  /** Newest first. */
  readonly versions: readonly FamilyVersion[];
  /** Variants that become handlers when the spec names none. */
  readonly defaultVariants: readonly string[];
};
