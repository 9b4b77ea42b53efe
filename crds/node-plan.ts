// What an install would do to a node, as the plan step reports it and as a person reads it; it decides nothing.
import { z } from 'zod';

export const nodePlan = z.object({
  /** Absent when the payload is there, intact; without numbers when its sources would have to be fetched first. */
  staging: z
    .object({ folder: z.string(), files: z.number().int().optional(), sizeBytes: z.number().int().optional() })
    .optional(),
  /** Kernel modules that are not loaded. */
  modules: z.array(z.string()),
  /** In the order in which they would be written. */
  changes: z.array(z.object({ path: z.string(), change: z.enum(['Create', 'Change', 'Remove']) })),
  /** Folders of earlier versions that no process lives from. */
  unused: z.array(z.string()),
  /** `byReload`: no restart, but a signal that has the same effect. */
  restart: z
    .object({ unit: z.string(), because: z.string(), withKubelet: z.boolean(), byReload: z.literal(true).optional() })
    .optional(),
  /** Processes that live from a payload of the runtime now; they go on. */
  sandboxes: z.object({ count: z.number().int(), first: z.array(z.string()) }),
  /** Each config file's changed lines, then the files to stage, one a line. */
  details: z.string(),
});

export type NodePlan = z.infer<typeof nodePlan>;

export function changesAnything({ staging, modules, changes, unused, restart }: NodePlan): boolean {
  return staging !== undefined || restart !== undefined || [modules, changes, unused].some((list) => list.length > 0);
}

/** One sentence on the whole. */
export function planHeadline({ staging, modules, changes, unused, restart }: NodePlan): string {
  const parts = [
    ...(staging ? [stagedText(staging)] : []),
    ...(modules.length > 0 ? [`load ${count(modules.length, 'kernel module')}`] : []),
    ...(changes.length > 0 ? [`write ${count(changes.length, 'file')}`] : []),
    ...(restart ? [`restart ${restart.unit}${restart.withKubelet ? ' with kubelet' : ''}`] : []),
    ...(unused.length > 0 ? [`remove ${count(unused.length, 'earlier version')}`] : []),
  ];
  if (parts.length === 0) return 'Nothing would change.';
  return `Would ${[parts.slice(0, -1).join(', '), parts.at(-1)].filter((part) => part).join(' and ')}.`;
}

/** One sentence a line: what would be done, in order, without the details. */
function planSentences({ staging, modules, changes, unused, restart, sandboxes }: NodePlan): string[] {
  const would = [
    ...(staging ? [stagingText(staging)] : []),
    ...(modules.length > 0 ? [`load ${modules.join(', ')} into the kernel`] : []),
    ...changes.map(({ path, change }) => `${change.toLowerCase()} ${path}`),
    ...(restart ? [restartText(restart)] : []),
    ...unused.map((folder) => `remove ${folder}, which nothing lives from`),
  ];
  const engine = restart && !restart.byReload ? [] : ['The engine would not be restarted.'];
  const users = sandboxes.count === 0 ? [] : [sandboxesText(sandboxes)];
  return [
    ...(would.length === 0 ? ['Nothing would change.'] : would.map((each) => `Would ${each}.`)),
    ...engine,
    ...users,
  ];
}

export function planText(plan: NodePlan): string {
  const { details } = plan;
  return [...planSentences(plan), ...(details === '' ? [] : ['', details.trimEnd()])].join('\n');
}

/** The plan with at most that many characters of details, whole lines, and how many lines were left out. */
export function cutPlan(plan: NodePlan, keep: number): NodePlan {
  const { details } = plan;
  if (details.length <= keep) return plan;
  const kept = details.slice(0, details.lastIndexOf('\n', keep) + 1);
  const left = details.slice(kept.length).trimEnd().split('\n').length;
  return { ...plan, details: `${kept}… and ${count(left, 'more line')}\n` };
}

export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

function stagingText({ folder, files, sizeBytes }: NonNullable<NodePlan['staging']>): string {
  return `${stagedText({ files, sizeBytes })} at ${folder}`;
}

function sandboxesText({ count: number, first }: NodePlan['sandboxes']): string {
  const more = number > first.length ? ' and others' : '';
  return `${count(number, 'process', 'es')} of sandboxes would go on: ${first.join(', ')}${more}.`;
}

function stagedText({ files, sizeBytes }: Omit<NonNullable<NodePlan['staging']>, 'folder'>): string {
  if (files === undefined || sizeBytes === undefined)
    return "fetch the payload's sources and stage what is needed of them";
  return `stage ${count(files, 'file')} (${sizeText(sizeBytes)})`;
}

function restartText({ unit, because, withKubelet, byReload }: NonNullable<NodePlan['restart']>): string {
  const kubelet = withKubelet ? `, and kubelet with it` : '';
  return `${byReload ? 'reload' : 'restart'} ${unit}${kubelet}: ${because}`;
}

function count(number: number, what: string, plural = 's'): string {
  return `${number} ${what}${number === 1 ? '' : plural}`;
}
