// Tests of the daemon starter with small real programs.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startDaemon } from './start-daemon.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-daemon-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shell = (script: string, isReady = () => Promise.resolve(true)) =>
  startDaemon({ program: '/bin/sh', args: ['-c', script], log: join(folder, 'log'), isReady, timeoutMs: 2000 });

describe('startDaemon()', () => {
  it('waits until the program is ready', async () => {
    const ready = join(folder, 'ready');
    const daemon = await shell(`sleep 0.2; touch ${ready}; exec sleep 60`, () => Promise.resolve(existsSync(ready)));
    expect(existsSync(ready)).toBe(true);
    expect(await daemon.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('takes an error of the question for not yet', async () => {
    const answers = [
      () => Promise.reject(new Error('refused')),
      () => expect.fail('no file yet'),
      () => Promise.resolve(true),
    ];
    const daemon = await shell('exec sleep 60', () => answers.shift()?.() ?? Promise.resolve(false));
    expect(answers).toEqual([]);
    await daemon.stop();
  });

  it('says how the program ended when it ends too early, and shows its log', async () => {
    await expect(shell('echo no such thing; exit 3', () => Promise.resolve(false))).rejects.toThrow(
      /Cannot start sh: .*it ended with code 3\.[^]*no such thing/,
    );
  });

  it('gives up on a program that never gets ready, and ends it', async () => {
    const pidFile = join(folder, 'pid');
    await expect(shell(`echo $$ > ${pidFile}; exec sleep 60`, () => Promise.resolve(false))).rejects.toThrow(
      'not ready after 2 s',
    );
    expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  it('lets no program outlive its parent, even a killed one', async () => {
    const script = `
      import { startDaemon } from '${join(import.meta.dirname, 'start-daemon.ts')}';
      const { pid } = await startDaemon({
        program: '/bin/sleep', args: ['60'], log: '${join(folder, 'log')}',
        isReady: async () => true, timeoutMs: 1000,
      });
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5000 });
  });
});

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
