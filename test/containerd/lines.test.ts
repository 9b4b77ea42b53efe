// Proves that the machine can run every supported line of containerd for real, with a CRI that answers.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { criStatus } from './crictl.ts';
import { type Containerd, containedConfig, containerdLines, startContainerd } from './start-containerd.ts';

let folder: string;
let containerd: Containerd | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-containerd-'));
});
afterEach(async ({ task }) => {
  if (containerd && task.result?.state === 'fail') console.log(readFileSync(containerd.log, 'utf8'));
  await containerd?.stop();
  containerd = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe.each(containerdLines)('containerd %s', (line) => {
  it('starts, answers over its CRI that it is ready, and ends cleanly', { timeout: 120_000 }, async () => {
    containerd = await startContainerd({ line, folder, configText: containedConfig(line, folder) });
    const status = await criStatus(containerd.socket);
    expect(status).toMatchObject({ name: 'containerd', conditions: { RuntimeReady: true } });
    expect(status.version).toMatch(new RegExp(`^v?${line.replace('.', '\\.')}\\.`));
    expect(await containerd.stop()).toEqual({ code: 0, signal: null });
  });

  it('does not start with a config that is no TOML', async () => {
    const broken = startContainerd({ line, folder, configText: 'version = [' });
    await expect(broken).rejects.toThrow(/Cannot start containerd: .+ended with code 1/);
  });
});
