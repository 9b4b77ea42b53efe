// What every step gets and gives; the steps themselves are one per file.
import type { NodeFacts } from '../../crds/node-facts.ts';
import type { NodePlan } from '../../crds/node-plan.ts';
import type { Outcome } from '../../crds/node-report.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import type { Host } from '../host/host.ts';
import type { PayloadSource } from '../payload/source.ts';

export type StepResult = {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly engineRestarts?: number;
  readonly facts?: NodeFacts;
  readonly handlers?: readonly string[];
  /** What is not as an install leaves it, in words (verify only). */
  readonly drift?: readonly string[];
  /** Folders of earlier versions that nothing runs from any more (verify only). */
  readonly leftovers?: readonly string[];
  /** What would be done (plan only). */
  readonly plan?: NodePlan;
  /** Host path of the payload's folder, for the steps that come after. */
  readonly folder?: string;
  /** The node cannot be written to and is right as it is: the steps that come after write nothing. */
  readonly adopted?: true;
};

/** A result that is no success: one reason word, what is wrong with what, what to do about it. */
export type Refusal = StepResult & { readonly reason: string; readonly message: string };

export type StepContext = {
  readonly host: Host;
  readonly task: NodeTask;
  readonly payload: PayloadSource;
  /** Tells whoever reads the log how far something long is. */
  readonly tell: (text: string) => void;
  /** The payload's folder, when an earlier step of the same pod named it. */
  readonly folder?: string;
};

export function refuse(outcome: Outcome, reason: string, message: string, hint?: string): Refusal {
  return { outcome, reason, message, ...(hint === undefined ? {} : { hint }) };
}
