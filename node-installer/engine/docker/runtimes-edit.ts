// Edits the runtimes in the text of a daemon.json: what is not ours stays byte for byte, and taking out undoes putting in.
import { firstAt, type Member, members, type Span } from './json-layout.ts';

/** An entry of `runtimes`; dockerd knows what may be in it. */
export type DockerRuntime = Readonly<Record<string, unknown>>;

export type RuntimesEdit = {
  readonly set: Readonly<Record<string, DockerRuntime>>;
  readonly drop: readonly string[];
};

/** The file that we make where there is none, or an empty one. */
export function newDaemonJson(set: RuntimesEdit['set']): string {
  return `{\n  "runtimes": ${objectText(set, '\n  ')}\n}\n`;
}

/**
 * *Guarantees*: parses to the original with exactly this change.
 * *Errors*: a text that is no object, or whose `runtimes` is none or there twice; {@link readDaemonJson} tells before.
 */
export function editRuntimes(text: string, edit: RuntimesEdit): string {
  const dropped = edit.drop.reduce(dropRuntime, text);
  const edited = Object.entries(edit.set).reduce((now, [name, runtime]) => setRuntime(now, name, runtime), dropped);
  return proved(edited, changed(parsed(text), edit));
}

/** Without `runtimes` if it is empty: what an addition to a file without one leaves when its entries are dropped again. */
export function dropEmptyRuntimes(text: string): string {
  const open = firstAt(text);
  const runtimes = memberOf(text, open, 'runtimes');
  if (!runtimes || members(text, runtimes.value.start).length > 0) return text;
  const { runtimes: _, ...others } = parsed(text);
  return proved(dropMember(text, open, 'runtimes'), others);
}

/** Nothing is in it, or only an empty `runtimes`. */
export function isWithoutSettings(text: string): boolean {
  return Object.keys(parsed(dropEmptyRuntimes(text))).length === 0;
}

function setRuntime(text: string, name: string, runtime: DockerRuntime): string {
  const open = firstAt(text);
  const runtimes = memberOf(text, open, 'runtimes');
  if (!runtimes) return addMember(text, open, (gap) => `"runtimes": ${objectText({ [name]: runtime }, gap)}`);
  const now = memberOf(text, runtimes.value.start, name);
  if (!now) return addMember(text, runtimes.value.start, () => memberText(name, runtime));
  const isSame = JSON.stringify(JSON.parse(text.slice(now.value.start, now.value.end))) === JSON.stringify(runtime);
  return isSame ? text : splice(text, now.value, inlineText(runtime));
}

function dropRuntime(text: string, name: string): string {
  const runtimes = memberOf(text, firstAt(text), 'runtimes');
  return runtimes ? dropMember(text, runtimes.value.start, name) : text;
}

/** After the last member, parted from it as that one is from what is before it. */
function addMember(text: string, open: number, textFor: (gap: string) => string): string {
  const last = members(text, open).at(-1);
  if (!last) return splice(text, { start: open + 1, end: open + 1 }, textFor(' '));
  const gap = /[ \t\r\n]*$/.exec(text.slice(0, last.start))?.[0] ?? '';
  return splice(text, { start: last.end, end: last.end }, `,${gap}${textFor(gap)}`);
}

/** With the comma and the blanks that part it from its neighbour: the one before it, since that is how it came. */
function dropMember(text: string, open: number, key: string): string {
  const all = members(text, open);
  const index = all.findIndex((member) => member.key === key);
  const [before, own, after] = [all[index - 1], all[index], all[index + 1]];
  if (!own) return text;
  if (before) return splice(text, { start: before.end, end: own.end }, '');
  return splice(text, { start: own.start, end: after ? after.start : own.end }, '');
}

/** On lines of their own where the gap before the object's key is a line end, else in one line. */
function objectText(runtimes: RuntimesEdit['set'], gap: string): string {
  const texts = Object.entries(runtimes).map(([name, runtime]) => memberText(name, runtime));
  if (!gap.includes('\n')) return `{ ${texts.join(', ')} }`;
  const inner = gap + (/[ \t]*$/.exec(gap)?.[0] || '  ');
  return `{${inner}${texts.join(`,${inner}`)}${gap}}`;
}

function memberText(name: string, runtime: DockerRuntime): string {
  return `${JSON.stringify(name)}: ${inlineText(runtime)}`;
}

function inlineText(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${inlineText(part)}`)
    .join(', ')} }`;
}

function changed(config: Record<string, unknown>, { set, drop }: RuntimesEdit): Record<string, unknown> {
  const before = config['runtimes'] as Record<string, unknown> | undefined;
  const left = Object.entries(before ?? {}).filter(([name]) => !drop.includes(name));
  const runtimes = { ...Object.fromEntries(left), ...set };
  return before === undefined && Object.keys(set).length === 0 ? config : { ...config, runtimes };
}

/** Parsing again is what shows that an edit did what it should and nothing else. */
function proved(edited: string, intended: Record<string, unknown>): string {
  if (JSON.stringify(parsed(edited)) === JSON.stringify(intended)) return edited;
  throw new Error('Cannot edit daemon.json: the edited text does not parse to the intended change.');
}

function memberOf(text: string, open: number, key: string): Member | undefined {
  return members(text, open).find((member) => member.key === key);
}

function parsed(text: string): Record<string, unknown> {
  return JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
}

function splice(text: string, { start, end }: Span, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
