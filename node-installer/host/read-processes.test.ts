import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { processesUsing } from '../steps/processes-using.ts';
import { readProcesses } from './read-processes.ts';

let folder = '';
let stop = () => {};
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true });
});

it('knows a program by its library when it has another name and its file is gone, as with crun', async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-payload-'));
  const [program, library] = [join(folder, '..', `bulkhead-copy-${process.pid}`), join(folder, 'lib.so')];
  copyFileSync(process.execPath, program);
  chmodSync(program, 0o755);
  const own = readProcesses('/proc', Date.now(), [process.pid]).find(({ pid }) => pid === process.pid);
  expect(own).toMatchObject({ exe: process.execPath });
  expect(own).not.toHaveProperty('mapped');
  const libraries = process.report.getReport() as { sharedObjects: string[] };
  copyFileSync(libraries.sharedObjects.find((path) => /\/libdl\.so/.test(path)) ?? '', library);
  const child = spawn(program, ['-e', `console.log(1); setInterval(() => {}, 1000)`], {
    argv0: '[libcrun:krun]',
    env: { LD_PRELOAD: library },
  });
  stop = () => void child.kill('SIGKILL');
  await new Promise((started) => child.stdout.once('data', started));
  rmSync(program);
  const seen = readProcesses('/proc', Date.now(), [child.pid ?? 0]);
  expect(seen).toEqual([
    expect.objectContaining({ exe: program, mapped: expect.arrayContaining([library]) as unknown }),
  ]);
  expect(processesUsing(seen, folder)).toEqual(seen);
});
