import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesUsing } from '../steps/processes-using.ts';
import { readProcesses } from './read-processes.ts';

let payload = '';
let elsewhere = '';
let library = '';
let stop = () => {};
beforeEach(() => {
  payload = mkdtempSync(join(tmpdir(), 'bulkhead-payload-'));
  elsewhere = mkdtempSync(join(tmpdir(), 'bulkhead-elsewhere-'));
  library = join(payload, 'lib.so');
  const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
  copyFileSync(sharedObjects.find((path) => /\/libdl\.so/.test(path)) ?? '', library);
});
afterEach(() => {
  stop();
  for (const folder of [payload, elsewhere]) rmSync(folder, { recursive: true });
});

/** Its PID, once it has said something. */
async function started(child: ChildProcessByStdio<null, Readable, null>): Promise<number> {
  stop = () => void child.kill('SIGKILL');
  await new Promise((spoken) => child.stdout.once('data', spoken));
  return child.pid ?? 0;
}

const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
const stay = 'console.log(1); setInterval(() => {}, 1000);';

describe('a program that has another name, as crun does, is known by its library', () => {
  it('when its file is gone', async () => {
    const program = join(elsewhere, 'program');
    copyFileSync(process.execPath, program);
    const options = { argv0: '[libcrun:krun]', env: { LD_PRELOAD: library }, stdio };
    const pid = await started(spawn(program, ['-e', stay], options));
    rmSync(program);
    const seen = readProcesses('/proc', Date.now(), [pid]);
    expect(seen).toMatchObject([{ exe: program }]);
    expect(processesUsing(seen, payload)).toEqual(seen);
  });

  it.skipIf(process.getuid?.() !== 0)('when it runs from a mount of its own that is nowhere any more', async () => {
    const at = join(elsewhere, 'mounted');
    writeFileSync(at, '');
    const leave = `require('node:child_process').execFileSync('umount', ['-l', '${at}']); ${stay}`;
    const script = 'mount --bind "$1" "$2" && LD_PRELOAD=$3 exec "$2" -e "$4"';
    const args = ['--mount', 'sh', '-c', script, 'sh', process.execPath, at, library, leave];
    const seen = readProcesses('/proc', Date.now(), [await started(spawn('/usr/bin/unshare', args, { stdio }))]);
    expect(seen).toMatchObject([{ exe: '/' }]);
    // Its arguments here name the payload, unlike crun's.
    const silent = seen.map((process) => ({ ...process, argv: [] }));
    expect(processesUsing(silent, payload)).toEqual(silent);
  });
});

it('asks no other program for what it has mapped', () => {
  const [own] = readProcesses('/proc', Date.now(), [process.pid]);
  expect(own).toMatchObject({ exe: process.execPath });
  expect(own).not.toHaveProperty('mapped');
});
