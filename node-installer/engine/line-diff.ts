// The changed lines of a file as a unified diff. It shows no line around them: a neighbour may hold a registry's password.
import type { FileChange } from './engine.ts';

/** Beyond that, all lines between the first and the last changed one are shown as changed. */
const maxCells = 4_000_000;

/** *Source*: the unified format of POSIX diff, with no lines of context. Empty when nothing differs. */
export function lineDiff({ path, before, after }: FileChange): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const hunks = hunksOf(old, now);
  if (hunks.length === 0 && (before === undefined) === (after === undefined)) return '';
  const from = before === undefined ? '/dev/null' : path;
  const to = after === undefined ? '/dev/null' : path;
  return `--- ${from}\n+++ ${to}\n${hunks.map((hunk) => hunkText(hunk, old, now)).join('')}`;
}

/** Lines `[from, to)` of the old text become lines `[nowFrom, nowTo)` of the new one. */
type Hunk = { readonly from: number; readonly to: number; readonly nowFrom: number; readonly nowTo: number };

function hunksOf(old: readonly string[], now: readonly string[]): Hunk[] {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const [oldEnd, nowEnd] = [old.length - end, now.length - end];
  if (start === oldEnd && start === nowEnd) return [];
  const whole = { from: start, to: oldEnd, nowFrom: start, nowTo: nowEnd };
  if ((oldEnd - start) * (nowEnd - start) > maxCells) return [whole];
  const kept = commonLines(old.slice(start, oldEnd), now.slice(start, nowEnd));
  return gapsBetween(
    kept.map(([a, b]) => [a + start, b + start] as const),
    whole,
  );
}

function gapsBetween(kept: readonly (readonly [number, number])[], whole: Hunk): Hunk[] {
  const hunks: Hunk[] = [];
  let [from, nowFrom] = [whole.from, whole.nowFrom];
  for (const [to, nowTo] of [...kept, [whole.to, whole.nowTo] as const]) {
    if (to > from || nowTo > nowFrom) hunks.push({ from, to, nowFrom, nowTo });
    [from, nowFrom] = [to + 1, nowTo + 1];
  }
  return hunks;
}

/** The pairs of a longest common subsequence. */
function commonLines(old: readonly string[], now: readonly string[]): (readonly [number, number])[] {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < old.length && j < now.length;) {
    if (old[i] === now[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function hunkText({ from, to, nowFrom, nowTo }: Hunk, old: readonly string[], now: readonly string[]): string {
  const removed = old.slice(from, to).map((line) => marked('-', line));
  const added = now.slice(nowFrom, nowTo).map((line) => marked('+', line));
  return `@@ -${range(from, to)} +${range(nowFrom, nowTo)} @@\n${removed.join('')}${added.join('')}`;
}

/** An empty range is named by the line before it. */
function range(from: number, to: number): string {
  const length = to - from;
  const first = length === 0 ? from : from + 1;
  return length === 1 ? String(first) : `${first},${length}`;
}

function marked(mark: string, line: string): string {
  return line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
}

/** Each with its line end. */
function linesOf(text: string | undefined): string[] {
  return text?.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
