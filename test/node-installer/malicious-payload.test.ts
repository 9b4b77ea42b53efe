// Payload folders that somebody has tampered with, on real files: refused in words, and no byte is where it would count.
// Archives are the same to the steps once they are listed; theirs are in stage-layers.test.ts.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHost } from '../../node-installer/host/real-host.ts';
import { payloadIn } from '../../node-installer/payload/source.ts';
import { run } from '../../hack/run.ts';
import { runSteps } from './run-steps.ts';
import { tinyTask } from './tiny-payload.ts';

const shim = '#!/bin/sh\necho a shim\n';
type File = { path: string; sha256: string; sizeBytes: number; mode: number };
type Link = { path: string; target: string };

let root: string;
let payload: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-root-'));
  payload = mkdtempSync(join(tmpdir(), 'bulkhead-payload-'));
  for (const folder of ['etc', 'opt', 'run']) mkdirSync(join(root, folder));
  put('bin/shim', shim);
});
afterEach(() => {
  for (const folder of [root, payload]) rmSync(folder, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(payload, path)), { recursive: true });
  writeFileSync(join(payload, path), text);
}

const fileOf = (path: string, text: string, change: Partial<File> = {}): File => ({
  path,
  sha256: createHash('sha256').update(text).digest('hex'),
  sizeBytes: Buffer.byteLength(text),
  mode: 0o755,
  ...change,
});

function describeBy(files: readonly File[], links: readonly Link[] = []): void {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  put('manifest.json', JSON.stringify({ family: 'tiny', version: '1.0', arch, files, links }));
}

/** Every path below the host's root. */
const paths = () => readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();

async function stage() {
  const before = paths();
  const [report] = await runSteps(realHost(root, []), payloadIn(payload), tinyTask(), ['stage']);
  return { report, left: paths().filter((path) => !before.includes(path)) };
}

const good = fileOf('bin/shim', shim);

describe('a tampered payload', () => {
  it('is staged when it is none', async () => {
    describeBy([good]);
    expect((await stage()).report).toMatchObject({ outcome: 'done' });
  });

  it.each<[string, () => unknown, string]>([
    ['has an absolute path', () => describeBy([good, fileOf('/etc/evil', 'x')]), 'PayloadBroken'],
    ['climbs out by its path', () => describeBy([good, fileOf('bin/../../../../etc/evil', 'x')]), 'PayloadBroken'],
    ['has a setuid file', () => describeBy([{ ...good, mode: 0o4755 }]), 'PayloadBroken'],
    ['has an absolute link', () => describeBy([good], [{ path: 'etc', target: '/etc' }]), 'PayloadClimbsOut'],
    ['climbs out by a link', () => describeBy([good], [{ path: 'up', target: '../../..' }]), 'PayloadClimbsOut'],
    [
      'climbs out by two links that each stay inside',
      () =>
        describeBy(
          [good],
          [
            { path: 'bin/here', target: '..' },
            { path: 'bin/out', target: 'here/../../etc' },
          ],
        ),
      'PayloadBroken',
    ],
    ['has a link to nothing', () => describeBy([good], [{ path: 'none', target: 'gone' }]), 'PayloadBroken'],
    [
      'writes through a link of its own',
      () => {
        put('link/evil', 'x');
        describeBy([good, fileOf('link/evil', 'x')], [{ path: 'link', target: 'bin' }]);
      },
      'PayloadBroken',
    ],
    ['differs in a byte', () => describeBy([fileOf('bin/shim', shim.replace('a', 'b'))]), 'PayloadCorrupt'],
    [
      'is cut off',
      () => {
        describeBy([good]);
        put('bin/shim', shim.slice(0, -1));
      },
      'PayloadCorrupt',
    ],
    [
      'goes on after its end',
      () => {
        describeBy([good]);
        put('bin/shim', shim + 'x'.repeat(10_000_000));
      },
      'PayloadCorrupt',
    ],
    ['has a web page for a manifest', () => put('manifest.json', '<!DOCTYPE html><html></html>'), 'PayloadBroken'],
    [
      'has a web page for a file',
      () => {
        describeBy([good]);
        put('bin/shim', '<!DOCTYPE html><html></html>');
      },
      'PayloadCorrupt',
    ],
    [
      'lacks a file',
      () => {
        describeBy([good]);
        rmSync(join(payload, 'bin/shim'));
      },
      'StagingFailed',
    ],
    [
      'has a device that never ends for a file',
      () => replaceBy(['mknod', join(payload, 'bin/shim'), 'c', '1', '5']),
      'StagingFailed',
    ],
    [
      'has a pipe that never begins for a file',
      () => replaceBy(['mkfifo', join(payload, 'bin/shim')]),
      'StagingFailed',
    ],
    ['has a folder for a file', () => replaceBy(['mkdir', join(payload, 'bin/shim')]), 'StagingFailed'],
  ])('is refused when it %s', async (_, tamper, reason) => {
    await tamper();
    const { report, left } = await stage();
    expect(report).toMatchObject({ outcome: 'failed', reason, message: expect.stringMatching(/^Cannot /) as unknown });
    expect(left).toEqual([]);
  });
});

async function replaceBy(command: string[]): Promise<void> {
  describeBy([good]);
  rmSync(join(payload, 'bin/shim'));
  await run(command);
}
