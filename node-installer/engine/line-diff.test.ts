import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

const diff = (before: string | undefined, after: string | undefined) =>
  lineDiff({ path: '/etc/c.toml', before, after, mode: 0o644 });

/** What git makes of the old text with the diff. */
function applied(before: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-diff-'));
  try {
    writeFileSync(join(folder, 'c.toml'), before);
    const input = text.replaceAll('/etc/c.toml', 'x/c.toml');
    const args = ['apply', '--unidiff-zero', '--whitespace=nowarn', '-'];
    const { status, stderr } = spawnSync('git', args, { cwd: folder, input, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(join(folder, 'c.toml'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('lineDiff()', () => {
  it('shows the changed lines and no other', () => {
    expect(diff('version = 3\nimports = []\n# a secret\n', 'version = 3\nimports = ["x"]\n# a secret\n# end\n')).toBe(
      `--- /etc/c.toml
+++ /etc/c.toml
@@ -2 +2 @@
-imports = []
+imports = ["x"]
@@ -3,0 +4 @@
+# end
`,
    );
  });

  it.each([
    ['a new file', undefined, 'a\n', '--- /dev/null\n+++ /etc/c.toml\n@@ -0,0 +1 @@\n+a\n'],
    ['a file that goes', 'a\nb\n', undefined, '--- /etc/c.toml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n'],
    ['a new file that is empty', undefined, '', '--- /dev/null\n+++ /etc/c.toml\n'],
    ['no change', 'a\n', 'a\n', ''],
    [
      'a last line without an end',
      'a',
      'b',
      '--- /etc/c.toml\n+++ /etc/c.toml\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n',
    ],
  ])('shows %s', (_, before, after, text) => {
    expect(diff(before, after)).toBe(text);
  });

  it('is what git needs to make the new text from the old one', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', '\n', '[c]\r\n', '  d = 1\n'), { minLength: 1, maxLength: 12 })
      .map((lines) => lines.join(''));
    const pair = fc.tuple(text, text, fc.boolean()).filter(([before, after]) => before !== after);
    fc.assert(
      fc.property(pair, ([before, after, isCut]) => {
        const now = isCut ? `${after}end` : after;
        expect(applied(before, diff(before, now))).toBe(now);
      }),
      { numRuns: 25 },
    );
  });
});
