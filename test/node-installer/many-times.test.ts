// A hundred installs and removals on real files: every byte, mode and link is as before. The engine is a fake, for it is not what is asked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { realFiles } from '../../node-installer/host/real-files.ts';
import { fakeNode, type FakeNode } from '../fakes/fake-node.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

let root: string | undefined;
afterEach(() => {
  if (root !== undefined) rmSync(root, { recursive: true });
});

/** With its files on the disk, below a folder. */
async function nodeOnDisk(text: string): Promise<FakeNode & { readonly root: string }> {
  const folder = (root = mkdtempSync(join(tmpdir(), 'bulkhead-root-')));
  const node = await fakeNode(text);
  for (const path of node.host.paths()) {
    const content = node.host.text(path);
    if (content === undefined) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  Object.assign(node.host, realFiles(folder), { now: Date.now() });
  return { ...node, root: folder };
}

const listing = (folder: string) =>
  execFileSync(
    'sh',
    ['-c', "find . -printf '%p %y %m %U %l\\n' | LC_ALL=C sort; find . -type f -exec sha256sum {} + | LC_ALL=C sort"],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );

const config =
  '# an admin\nversion = 3\nimports = [\n  "/etc/containerd/conf.d/*.toml", # a vendor\n]\n[debug]\n  level = "info"';

it('a hundred installs and removals leave every byte as it was', { timeout: 300_000 }, async () => {
  const node = await nodeOnDisk(config);
  const before = listing(node.root);
  for (let round = 1; round <= 100; round += 1) {
    const reports = [
      ...(await runSteps(node.host, tinyPayload(), tinyTask(), install)),
      ...(await runSteps(node.host, tinyPayload(), tinyTask(), ['remove'])),
    ];
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged', 'done']);
    expect(listing(node.root)).toBe(before);
  }
  expect(node.restarts()).toBe(200);
});
