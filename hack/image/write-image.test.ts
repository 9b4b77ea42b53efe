// The image writer: same input, same bytes; shared layers once; entries that carry nothing of this machine.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { planLayer } from './layer-entries.ts';
import { writeImage } from './write-image.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
});
afterAll(() => rm(folder, { recursive: true }));

const contentOf = async (tar: string): Promise<Map<string, string>> => {
  const entries = new Map<string, string>();
  for await (const entry of createReadStream(tar).pipe(extract())) entries.set(entry.header.name, await text(entry));
  return entries;
};

const writeSample = async (name: string, mtime: number): Promise<string> => {
  const program = join(folder, 'program');
  await writeFile(program, 'program');
  await utimes(program, mtime, mtime);
  const shared = { files: [{ from: program, to: '/bin/program' }] };
  const out = join(folder, name);
  await writeImage({
    out,
    images: [
      { name: 'localhost/a:1', layers: [shared], config: { entrypoint: ['/bin/program'] } },
      { name: 'localhost/b:2', layers: [shared, { files: [{ text: 'x', to: '/etc/x' }] }], config: {} },
    ],
  });
  return out;
};

describe('writeImage()', () => {
  it('writes the same bytes for the same content, whatever its time stamps', async () => {
    const one = await readFile(await writeSample('one.tar', 1000));
    const two = await readFile(await writeSample('two.tar', 2000));
    expect(one.equals(two)).toBe(true);
  });

  it('writes a layer that two images share once, and lists it in both', async () => {
    const entries = await contentOf(await writeSample('shared.tar', 1));
    const manifest = JSON.parse(entries.get('manifest.json') ?? '') as { RepoTags: string[]; Layers: string[] }[];
    expect(manifest.map((image) => image.RepoTags)).toEqual([['localhost/a:1'], ['localhost/b:2']]);
    expect(manifest[1]?.Layers).toHaveLength(2);
    expect(manifest[1]?.Layers[0]).toBe(manifest[0]?.Layers[0]);
    const layers = new Set(manifest.flatMap((image) => image.Layers));
    const configsAndManifests = 4;
    expect([...entries.keys()].filter((name) => name.startsWith('blobs/'))).toHaveLength(
      layers.size + configsAndManifests,
    );
  });

  it('names every blob by its own digest', async () => {
    const entries = await contentOf(await writeSample('digests.tar', 1));
    const blobs = [...entries].filter(([name]) => name.startsWith('blobs/'));
    for (const [name, content] of blobs) {
      expect(name).toBe(`blobs/sha256/${createHash('sha256').update(content).digest('hex')}`);
    }
  });
});

describe('writeImage() for several architectures', () => {
  const layer = { files: [{ text: 'x'.repeat(10_000), to: '/x' }], compression: 'zstd' as const };
  const write = async () => {
    const out = join(folder, 'both.tar');
    const images = ['amd64', 'arm64'].map((arch) => ({ name: 'localhost/a:1', arch, layers: [layer], config: {} }));
    const written = await writeImage({ out, images });
    const entries = await contentOf(out);
    const json = (path: string) => JSON.parse(entries.get(path) ?? '') as Read;
    const blob = ({ digest }: { digest: string }) => json(`blobs/${digest.replace(':', '/')}`);
    return { written, entries, blob, top: json('index.json').manifests };
  };
  type Described = { mediaType: string; digest: string; size: number; platform?: { architecture: string } };
  type Read = { manifests: Described[]; layers: Described[]; config: Described; rootfs: { diff_ids: string[] } };

  it('gives the one name an index of both', async () => {
    const { written, blob, top } = await write();
    expect(written).toEqual([{ name: 'localhost/a:1', digest: top[0]?.digest }]);
    expect(top).toHaveLength(1);
    expect(top[0]?.mediaType).toBe('application/vnd.oci.image.index.v1+json');
    const manifests = blob(top[0]!).manifests;
    expect(manifests.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64']);
  });

  it('compresses a layer that asks for it, and names in the config the digest of what is in it', async () => {
    const { entries, blob, top } = await write();
    const manifest = blob(blob(top[0]!).manifests[0]!);
    const [described] = manifest.layers;
    expect(described).toMatchObject({ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' });
    expect(described!.size).toBeLessThan(1000);
    const { diff_ids: ids } = blob(manifest.config).rootfs;
    expect(ids[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(ids[0]).not.toBe(described!.digest);
    expect([...entries.keys()].filter((name) => name.startsWith('blobs/'))).toHaveLength(6);
  });
});

describe('planLayer()', () => {
  it('lists every parent folder once and before what is in it', () => {
    const entries = planLayer({
      files: [
        { text: '', to: '/usr/lib/b' },
        { text: '', to: '/usr/lib/a' },
      ],
    });
    expect(entries.map((entry) => entry.path)).toEqual(['usr', 'usr/lib', 'usr/lib/a', 'usr/lib/b']);
  });

  it('keeps the mode of a folder that is named and also a parent', () => {
    const entries = planLayer({ dirs: [{ path: '/tmp', mode: 0o1777 }], files: [{ text: '', to: '/tmp/a' }] });
    expect(entries[0]).toMatchObject({ path: 'tmp', mode: 0o1777 });
  });
});
