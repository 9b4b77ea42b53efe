// What is mounted below a folder of a test, so that it can be taken away again.
import { readFileSync } from 'node:fs';

/** The innermost first. */
export function mountsBelow(path: string): string[] {
  const points = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return points.filter((point) => point.startsWith(`${path}/`)).toReversed();
}
