// Tests with a process that is killed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gone-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A process that has a file made when it is gone, does `then`, and lives on. */
async function living(file: string, then = ''): Promise<() => Promise<void>> {
  const code = `
    import { whenGone } from ${JSON.stringify(join(import.meta.dirname, 'when-gone.ts'))};
    const takeBack = whenGone(['sh', '-c', 'touch "$FILE"'], { FILE: ${JSON.stringify(file)} });
    ${then}
    setInterval(() => {}, 1000);
    setTimeout(() => console.log('ready'), 100);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((ready) => child.stdout.once('data', ready));
  return async () => {
    child.kill('SIGKILL');
    await new Promise((gone) => child.once('exit', gone));
  };
}

describe('whenGone()', () => {
  it('runs the command after a process that was killed, and not before', async () => {
    const file = join(folder, 'killed');
    const kill = await living(file);
    expect(existsSync(file)).toBe(false);
    await kill();
    await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
  });

  it('does not run what was taken back', async () => {
    const [file, witness] = [join(folder, 'back'), join(folder, 'witness')];
    await (
      await living(file, 'takeBack();')
    )();
    await (
      await living(witness)
    )();
    await expect.poll(() => existsSync(witness), { timeout: 20_000 }).toBe(true);
    await sleep(200);
    expect(existsSync(file)).toBe(false);
  });
});
