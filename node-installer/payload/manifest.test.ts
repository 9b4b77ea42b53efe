import { describe, expect, it } from 'vitest';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import { payloadFolder } from './folder.ts';
import { judgeManifest } from './manifest.ts';

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
const manifest = async () => (await tinyPayload().manifest()) ?? new Uint8Array();

describe('judgeManifest()', () => {
  it('takes the manifest that the task is about', async () => {
    expect(judgeManifest(await manifest(), tinyTask(), arch)).toMatchObject({ kind: 'Fits' });
  });

  it.each([
    ['no manifest', async () => undefined, tinyTask(), 'PayloadMissing', /no manifest\.json/],
    ['no JSON', async () => new TextEncoder().encode('{'), tinyTask(), 'PayloadBroken', /not a valid manifest/],
    [
      'another version',
      manifest,
      tinyTask({ version: '2.0' }),
      'PayloadMismatch',
      /Cannot stage tiny 2\.0: the payload is tiny 1\.0/,
    ],
  ])('refuses %s', async (_, bytes, task, reason, message) => {
    expect(judgeManifest(await bytes(), task, arch)).toMatchObject({
      kind: 'Unfit',
      reason,
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('refuses another architecture, in words', async () => {
    expect(judgeManifest(await manifest(), tinyTask(), 'riscv64')).toMatchObject({
      reason: 'WrongArchitecture',
      message: `Cannot stage tiny on an riscv64 node: the payload is for ${arch}.`,
    });
  });

  it('names the files that a handler needs and the payload does not have', async () => {
    const bytes = await tinyPayload({ other: 'x' }).manifest();
    expect(judgeManifest(bytes, tinyTask(), arch)).toMatchObject({
      reason: 'PayloadIncomplete',
      message: 'Cannot stage tiny: the payload has no bin/shim.',
    });
  });

  it('takes a link for the file that it leads to', async () => {
    const parsed = JSON.parse(
      Buffer.from((await tinyPayload({ 'bin/shim-1.0': 'x' }).manifest()) ?? []).toString(),
    ) as object;
    const linked = { ...parsed, links: [{ path: 'bin/shim', target: 'shim-1.0' }] };
    expect(judgeManifest(Buffer.from(JSON.stringify(linked)), tinyTask(), arch)).toMatchObject({ kind: 'Fits' });
  });

  it('refuses a manifest that climbs out of its folder', async () => {
    const bytes = await tinyPayload({ '../evil': 'x' }).manifest();
    expect(judgeManifest(bytes, tinyTask(), arch)).toMatchObject({ reason: 'PayloadBroken' });
  });
});

describe('payloadFolder()', () => {
  it('is named after version and content', async () => {
    expect(payloadFolder(tinyTask(), await manifest())).toMatch(/^\/opt\/bulkhead\/tiny\/1\.0-[0-9a-f]{12}$/);
  });

  it('is another folder for another manifest, and for another generated file', async () => {
    const folders = [
      payloadFolder(tinyTask(), await manifest()),
      payloadFolder(tinyTask(), new Uint8Array()),
      payloadFolder(tinyTask({ generatedFiles: [] }), await manifest()),
    ];
    expect(new Set(folders).size).toBe(3);
  });

  it('stays one folder whatever the version is called', async () => {
    expect(payloadFolder(tinyTask({ version: '../../etc' }), await manifest())).toMatch(
      /^\/opt\/bulkhead\/tiny\/[^/]+$/,
    );
  });
});
