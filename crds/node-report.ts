// What a node container says when it ends: JSON in its termination message, the only way a node speaks to the operator.
import { z } from 'zod';
import { nodeFacts } from './node-facts.ts';
import { cutPlan, nodePlan } from './node-plan.ts';

export const nodeSteps = ['probe', 'plan', 'preflight', 'stage', 'activate', 'verify', 'remove'] as const;
export type NodeStep = (typeof nodeSteps)[number];

/**
 * How a step ended.
 * - `done`: something on the node changed, as intended.
 * - `unchanged`: the node already was as intended; nothing was written or restarted.
 * - `skipped`: an earlier step of the same pod did not succeed.
 * - `ineligible`: the node cannot take the runtime; nothing was written.
 * - `failed`: the step did not succeed; the engine's config is as it was.
 * - `rolledBack`: the config was changed, did not hold, and the old bytes are back.
 * - `blocked`: the node is right but must not change now, e.g. sandboxes run.
 */
export const outcomes = ['done', 'unchanged', 'skipped', 'ineligible', 'failed', 'rolledBack', 'blocked'] as const;

export const nodeReport = z.object({
  step: z.enum(nodeSteps),
  outcome: z.enum(outcomes),
  /** One CamelCase word, the same in condition, event, metric and log. Required unless the step succeeded or was skipped. */
  reason: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .optional(),
  /** What is wrong with what, one sentence. */
  message: z.string().optional(),
  /** What to do about it, one sentence. */
  hint: z.string().optional(),
  /** The revision carried out; absent for the probe. */
  revision: z.string().optional(),
  durationMs: z.number().int().nonnegative(),
  /** Times that this step restarted the engine. */
  engineRestarts: z.number().int().nonnegative(),
  facts: nodeFacts.optional(),
  /** Handlers that the engine's CRI listed (verify only). */
  handlers: z.array(z.string()).optional(),
  /** What is not as an install leaves it, in words (verify only). */
  drift: z.array(z.string()).optional(),
  /** Folders of earlier versions that nothing runs from any more (verify only). */
  leftovers: z.array(z.string()).optional(),
  /** What would be done (plan only). */
  plan: nodePlan.optional(),
});

export type Outcome = (typeof outcomes)[number];
export type NodeReport = z.infer<typeof nodeReport>;

/** Largest termination message that kubelet keeps, in bytes. Source: Kubernetes `MaxContainerTerminationMessageLength`. */
const maxReportBytes = 4096;

/**
 * The report as a termination message; message, hint and the details of a plan are cut so that it fits.
 * *Guarantees*: at most {@link maxReportBytes} bytes of UTF-8, always valid JSON.
 */
export function serializeReport(report: NodeReport): string {
  for (let keep = 2000; keep > 0; keep -= 100) {
    const text = JSON.stringify(shorten(report, keep));
    if (new TextEncoder().encode(text).length <= maxReportBytes) return text;
  }
  return JSON.stringify({ ...shorten(report, 100), facts: undefined, handlers: undefined, plan: undefined });
}

/** The report in a termination message, or what is wrong with the message. */
export function parseReport(
  text: string,
): { kind: 'Report'; report: NodeReport } | { kind: 'Unreadable'; why: string } {
  try {
    return { kind: 'Report', report: nodeReport.parse(JSON.parse(text)) };
  } catch (error) {
    return { kind: 'Unreadable', why: error instanceof z.ZodError ? z.prettifyError(error) : String(error) };
  }
}

function shorten(report: NodeReport, keep: number): NodeReport {
  const cut = (text: string | undefined) => (text && text.length > keep ? `${text.slice(0, keep - 1)}…` : text);
  const plan = report.plan && cutPlan(report.plan, keep);
  const drift = report.drift && cutList(report.drift, keep);
  const leftovers = report.leftovers && cutList(report.leftovers, keep);
  return { ...report, message: cut(report.message), hint: cut(report.hint), drift, leftovers, plan };
}

/** The first entries, up to that many characters, and how many there are beyond them. */
function cutList(entries: readonly string[], keep: number): string[] {
  let room = keep;
  const kept = entries.filter((entry) => (room -= entry.length) >= 0);
  return kept.length === entries.length ? kept : [...kept, `… and ${entries.length - kept.length} more`];
}
