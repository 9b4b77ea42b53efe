import { afterEach, describe, expect, it } from 'vitest';
import type { NodeTask } from '../../crds/node-task.ts';
import { kataEntries } from '../../test/archives/kata-archive.ts';
import { compress, type Entries, makeTar, sha256 } from '../../test/archives/make-archive.ts';
import { fileOf, serve, type Served } from '../../test/archives/serve.ts';
import { fakeNode } from '../../test/fakes/fake-node.ts';
import { kataTask, kataVersion } from '../../test/node-installer/kata-from-catalogue.ts';
import { runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import type { ArchiveFormat } from '../payload/archive-format.ts';

const stage = ['stage'] as const;
const script = '#!/bin/sh\necho a shim\n';
const good: Entries = [
  ['./', { type: 'directory' }],
  ['./bin/', { type: 'directory' }],
  ['./bin/shim-1.0', script],
  ['./bin/shim', { type: 'symlink', linkname: 'shim-1.0' }],
  ['./share/large.img', 'x'.repeat(100_000)],
];

let servers: Served[] = [];
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
});

async function sourceOf(bytes: Buffer): Promise<Extract<NodeTask['sources'][number], { kind: 'archive' }>> {
  const server = await serve(fileOf(bytes));
  servers.push(server);
  return { kind: 'archive', url: `${server.url}/a.tar`, digest: { algorithm: 'sha256', hex: sha256(bytes) } };
}

async function stageArchive(entries: Entries, change: Partial<NodeTask> = {}, format: ArchiveFormat = 'tar') {
  const { host } = await fakeNode();
  const before = host.paths();
  const { readChunks } = host;
  let reads = 0;
  host.readChunks = (path) => {
    if (path.includes('/.archive-')) reads += 1;
    return readChunks(path);
  };
  const source = await sourceOf(compress(format, await makeTar(entries)));
  const task = tinyTask({ sources: [source], ...change });
  const [report] = await runSteps(host, tinyPayload(), task, stage);
  const paths = host.paths().filter((path) => !before.includes(path));
  const folder = paths.find((path) => /^\/opt\/bulkhead\/tiny\/1\.0-[0-9a-f]{12}$/.test(path)) ?? '';
  const staged = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  // Each looks at the head first.
  return { host, task, report, folder, staged, paths, looks: reads / 2 };
}

describe('stageLayers()', () => {
  it.each(['tar', 'zstd', 'gzip', 'xz', 'bzip2'] as const)('stages what a handler needs of a %s', async (format) => {
    const { host, report, folder, staged, paths } = await stageArchive(good, {}, format);
    expect(report).toMatchObject({ outcome: 'done' });
    expect(staged).toEqual(['bin', 'bin/shim', 'bin/shim-1.0', 'manifest.json', 'tiny.toml']);
    expect(host.text(`${folder}/bin/shim-1.0`)).toBe(script);
    expect(await host.readLink(`${folder}/bin/shim`)).toBe('shim-1.0');
    expect(paths.filter((path) => path.includes('/.'))).toEqual([]);
  });

  it('stages everything where the task says so, but no link that leads nowhere', async () => {
    const dangling: Entries = [...good, ['share/default', { type: 'symlink', linkname: 'gone' }]];
    const { staged } = await stageArchive(dangling, { takes: 'Everything' });
    expect(staged).toEqual([
      'bin',
      'bin/shim',
      'bin/shim-1.0',
      'manifest.json',
      'share',
      'share/large.img',
      'tiny.toml',
    ]);
  });

  it('fetches nothing when all is there and intact, and everything when a byte or a link differs', async () => {
    const { host, task, folder } = await stageArchive(good);
    const again = async () => (await runSteps(host, tinyPayload(), task, stage))[0]?.outcome;
    expect(await again()).toBe('unchanged');
    expect(servers[0]?.asked).toHaveLength(1);
    await host.removeFile(`${folder}/bin/shim`);
    expect(await again()).toBe('done');
    host.put(`${folder}/bin/shim-1.0`, 'x', 0o755);
    expect(await again()).toBe('done');
    expect(await again()).toBe('unchanged');
    expect(host.text(`${folder}/bin/shim-1.0`)).toBe(script);
  });

  it('lays sources over each other, the last one on top', async () => {
    const { host } = await fakeNode();
    host.put('/srv/payload/bin/shim', 'from the host', 0o755);
    host.put('/srv/payload/bin/helper', 'also from the host', 0o755);
    const sources = [
      await sourceOf(await makeTar(good)),
      { kind: 'hostPath', path: '/srv/payload' } as const,
      { kind: 'image' } as const,
    ];
    const task = tinyTask({ sources, takes: 'Everything' });
    const [report] = await runSteps(host, tinyPayload({ 'bin/helper': 'from the image' }), task, stage);
    expect(report).toMatchObject({ outcome: 'done' });
    const folder = host
      .paths()
      .find((path) => path.endsWith('/bin/shim') && path.startsWith('/opt'))
      ?.slice(0, -9);
    expect(host.text(`${folder}/bin/shim`)).toBe('from the host');
    expect(host.text(`${folder}/bin/helper`)).toBe('from the image');
    expect(host.text(`${folder}/share/large.img`)).toHaveLength(100_000);
  });

  it('takes a folder of the node whose content has changed for another payload', async () => {
    const { host } = await fakeNode();
    host.put('/srv/payload/bin/shim', 'one', 0o755);
    const task = tinyTask({ sources: [{ kind: 'hostPath', path: '/srv/payload' }] });
    await runSteps(host, tinyPayload(), task, stage);
    host.now += 1000;
    host.put('/srv/payload/bin/shim', 'two', 0o755);
    const [report] = await runSteps(host, tinyPayload(), task, stage);
    expect(report).toMatchObject({ outcome: 'done' });
    expect(await host.list('/opt/bulkhead/tiny')).toHaveLength(2);
  });

  it('takes what lies under the folder that the payload was made for, and its absolute links', async () => {
    const made: Entries = [
      ['./opt/kata/bin/shim-1.0', script],
      ['./opt/kata/bin/shim', { type: 'symlink', linkname: '/opt/kata/bin/shim-1.0' }],
    ];
    const { host, folder, staged } = await stageArchive(made, { payloadRoot: '/opt/kata' });
    expect(staged).toEqual(['bin', 'bin/shim', 'bin/shim-1.0', 'manifest.json', 'tiny.toml']);
    expect(await host.readLink(`${folder}/bin/shim`)).toBe('shim-1.0');
  });

  it('takes a file that is in the archive twice as it is there last', async () => {
    const { host, folder } = await stageArchive([
      ['bin/shim', 'first'],
      ['bin/shim', 'last'],
      ['other', 'x'],
    ]);
    expect(host.text(`${folder}/bin/shim`)).toBe('last');
  });

  it('takes a file that turns into a link later in the archive for the link', async () => {
    const { host, task, folder, staged } = await stageArchive([
      ['bin/shim', 'a file'],
      ['bin/shim-2', script],
      ['bin/shim', { type: 'symlink', linkname: 'shim-2' }],
    ]);
    expect(staged).toEqual(['bin', 'bin/shim', 'bin/shim-2', 'manifest.json', 'tiny.toml']);
    expect(await host.readLink(`${folder}/bin/shim`)).toBe('shim-2');
    expect((await runSteps(host, tinyPayload(), task, stage))[0]?.outcome).toBe('unchanged');
  });

  const [tinyHandler] = tinyTask().handlers;
  const madeForKata: Partial<NodeTask> = {
    payloadRoot: '/opt/kata',
    handlers: tinyHandler ? [{ ...tinyHandler, config: { from: 'etc/tiny.toml', to: 'etc/here/tiny.toml' } }] : [],
  };
  const shim: Entries = [['./opt/kata/bin/shim', script]];
  const config: Entries = [['./opt/kata/etc/tiny.toml', 'kernel = "/opt/kata/share/kernel"\n']];
  const kernelLink: Entries = [['./opt/kata/share/kernel', { type: 'symlink', linkname: 'kernel-6.1' }]];
  const kernel: Entries = [['./opt/kata/share/kernel-6.1', 'a kernel']];
  it.each([
    ['once', 'comes after what tells of it', 1, [...shim, ...config, ...kernelLink, ...kernel]],
    ['again', 'came before the config that names it', 2, [...kernelLink, ...kernel, ...shim, ...config]],
    ['again', 'came before the link that leads to it', 2, [...config, ...kernel, ...kernelLink, ...shim]],
  ])('looks through an archive %s when what is wanted %s', async (_, __, times, entries) => {
    const other: Entries = [['./opt/kata/share/kernel-5', 'another kernel']];
    const { host, folder, staged, looks } = await stageArchive([...entries, ...other], madeForKata, 'zstd');
    expect(looks).toBe(times);
    expect(staged.filter((path) => path.startsWith('share'))).toEqual(['share', 'share/kernel', 'share/kernel-6.1']);
    expect(host.text(`${folder}/share/kernel-6.1`)).toBe('a kernel');
    expect(host.text(`${folder}/etc/here/tiny.toml`)).toBe(`kernel = "${folder}/share/kernel"\n`);
  });

  it('tells a runtime’s config where kubelet has its folder on this node', async () => {
    const { host } = await fakeNode();
    const argv = ['/var/lib/k0s/bin/kubelet', '--root-dir=/var/lib/k0s/kubelet', '--v=1'];
    host.running.push({
      ...{ pid: 77, identity: '77', exe: argv[0] ?? '', argv, nested: false, startedMs: 0 },
      cgroups: ['/system.slice/k0sworker.service'],
    });
    const entries: Entries = [
      ...shim,
      ['./opt/kata/etc/tiny.toml', '[runtime]\nkubelet_root_dir = "/var/lib/kubelet"\n'],
    ];
    const task = tinyTask({ ...madeForKata, sources: [await sourceOf(await makeTar(entries))] });
    expect((await runSteps(host, tinyPayload(), task, stage))[0]).toMatchObject({ outcome: 'done' });
    const told = host.paths().find((path) => path.endsWith('/etc/here/config.d/22-kubelet-root.toml')) ?? '';
    expect(host.text(told)).toContain('kubelet_root_dir = "/var/lib/k0s/kubelet"');
  });

  it('keeps what is expected while it passes by, and nothing of it that turns out not to be wanted', async () => {
    const handlers = madeForKata.handlers?.map((handler) => ({ ...handler, expects: ['share/kernel-*'] }));
    const other: Entries = [['./opt/kata/share/kernel-5', 'another kernel']];
    const entries = [...other, ...kernel, ...kernelLink, ...shim, ...config];
    const { staged, looks } = await stageArchive(entries, { ...madeForKata, ...(handlers && { handlers }) });
    expect(looks).toBe(1);
    expect(staged.filter((path) => path.startsWith('share'))).toEqual(['share', 'share/kernel', 'share/kernel-6.1']);
  });

  it.each(['kata-qemu-runtime-rs', 'kata-clh-runtime-rs', 'kata-dragonball'])(
    'looks through a release of Kata once for %s, though its configs come last',
    async (name) => {
      const { sources: _, ...kata } = kataTask({ handlers: [{ name }] });
      const { report, looks } = await stageArchive(kataEntries('kata-static', kataVersion), kata, 'zstd');
      expect(report).toMatchObject({ outcome: 'done' });
      expect(looks).toBe(1);
    },
  );

  it('says how many bytes the disk lacks, and leaves nothing', async () => {
    const { host } = await fakeNode();
    const before = host.paths();
    const source = await sourceOf(await makeTar([['bin/shim', 'x'.repeat(50_000)]]));
    host.free = 16 * 1024 * 1024 + 20_000;
    const task = tinyTask({ sources: [source], generatedFiles: [] });
    const { writeNew } = host;
    host.writeNew = async (path, chunks, mode) => {
      await writeNew(path, chunks, mode);
      host.free -= 50_000;
    };
    const [report] = await runSteps(host, tinyPayload(), task, stage);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'NoDiskSpace' });
    expect(report?.message).toContain(': 30000 bytes are missing');
    expect(host.paths()).toEqual(before);
  });

  it('interprets nothing of an archive whose last byte is another', async () => {
    const { host } = await fakeNode();
    const before = host.paths();
    const bytes = compress('zstd', await makeTar(good));
    const source = await sourceOf(Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]));
    const digest = { algorithm: 'sha256', hex: sha256(bytes) } as const;
    const [report] = await runSteps(host, tinyPayload(), tinyTask({ sources: [{ ...source, digest }] }), stage);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'PayloadDigestWrong' });
    expect(host.effects.filter((effect) => !/archive-|^(make|remove\w*)Folder /.test(effect))).toEqual([]);
    expect(host.paths()).toEqual(before);
  });

  it('makes a hard link a link', async () => {
    const { host, folder } = await stageArchive([
      ['lib/a', script],
      ['bin/shim', { type: 'link', linkname: 'lib/a' }],
    ]);
    expect(await host.readLink(`${folder}/bin/shim`)).toBe('../lib/a');
  });

  const elf = (machine: number) => {
    const bytes = Buffer.alloc(64);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    bytes.writeUInt16LE(machine, 18);
    return bytes;
  };
  const everything = { takes: 'Everything' } as const;
  it.each<[string, Entries, Partial<NodeTask>, string, string, RegExp]>([
    [
      'a file that is not there',
      [['bin/other', 'x']],
      {},
      'failed',
      'PayloadIncomplete',
      /^Cannot stage the payload: it has no bin\/shim\.$/,
    ],
    [
      'a needed link that leads nowhere',
      [['bin/shim', { type: 'symlink', linkname: 'shim-2' }]],
      {},
      'failed',
      'PayloadIncomplete',
      /^Cannot stage the payload: it has no bin\/shim \(a link to bin\/shim-2, which is not there\)\.$/,
    ],
    [
      'links in a circle',
      [['bin/shim', { type: 'symlink', linkname: 'shim' }]],
      {},
      'failed',
      'PayloadIncomplete',
      /\(a link to itself, /,
    ],
    [
      'a path that climbs out',
      [...good, ['bin/../../../etc/evil', 'x']],
      {},
      'failed',
      'PayloadClimbsOut',
      /its entry "bin\/\.\.\/\.\.\/\.\.\/etc\/evil" leads out of it\.$/,
    ],
    [
      'an absolute path',
      [...good, ['/etc/evil', 'x']],
      {},
      'failed',
      'PayloadClimbsOut',
      /its entry "\/etc\/evil" leads out of it\.$/,
    ],
    [
      'a hard link out',
      [...good, ['evil', { type: 'link', linkname: '../../etc/shadow' }]],
      {},
      'failed',
      'PayloadClimbsOut',
      /leads out/,
    ],
    [
      'an absolute link out',
      [...good, ['evil', { type: 'symlink', linkname: '/etc/shadow' }]],
      everything,
      'failed',
      'PayloadClimbsOut',
      /its link evil leads out of it, to \/etc\/shadow\.$/,
    ],
    [
      'a relative link out',
      [...good, ['a/evil', { type: 'symlink', linkname: '../../x' }]],
      everything,
      'failed',
      'PayloadClimbsOut',
      /its link a\/evil leads out/,
    ],
    [
      'a device',
      [...good, ['dev/kmsg', { type: 'character-device' }]],
      {},
      'failed',
      'PayloadHoldsDevice',
      /its entry dev\/kmsg is a character-device\.$/,
    ],
    [
      'a pipe',
      [...good, ['pipe', { type: 'fifo' }]],
      {},
      'failed',
      'PayloadHoldsDevice',
      /its entry pipe is a fifo\.$/,
    ],
    [
      'a setuid program',
      [['bin/shim', { mode: 0o4755 }]],
      {},
      'failed',
      'PayloadHoldsSetuid',
      /bin\/shim is setuid or setgid\.$/,
    ],
    [
      'a program for another machine',
      [['bin/shim', elf(183)]],
      {},
      'ineligible',
      'WrongArchitecture',
      /^Cannot stage bin\/shim on an amd64 node: it is a program for arm64\.$/,
    ],
  ])('refuses %s, and leaves nothing', async (_, entries, change, outcome, reason, message) => {
    const { report, paths } = await stageArchive(entries, change);
    expect(report).toMatchObject({ outcome, reason });
    expect(report?.message).toMatch(message);
    expect(paths).toEqual([]);
  });

  it.each([
    [
      'a source for another architecture only',
      { kind: 'hostPath', path: '/srv', arch: 'arm64' } as const,
      'WrongArchitecture',
    ],
    ['a folder that is not on the node', { kind: 'hostPath', path: '/srv/none' } as const, 'PayloadMissing'],
  ])('refuses %s', async (_, source, reason) => {
    const { host } = await fakeNode();
    const [report] = await runSteps(host, tinyPayload(), tinyTask({ sources: [source] }), stage);
    expect(report).toMatchObject({ reason });
  });

  it.each<[string, (tar: Buffer) => Buffer, string, RegExp]>([
    ['is no archive', () => Buffer.from('just text'), 'PayloadNotAnArchive', /: it is neither a tar nor compressed by/],
    [
      'was cut off before its digest was made',
      (tar) => tar.subarray(0, 3000),
      'PayloadBroken',
      /^Cannot unpack http:.*: Unexpected end of data\.$/,
    ],
    ['is broken zstd', (tar) => compress('zstd', tar).fill(1, 40), 'PayloadBroken', /^Cannot unpack http/],
    ['is broken xz', (tar) => compress('xz', tar).fill(1, 40), 'PayloadBroken', /^Cannot unpack http/],
    [
      'is bzip2 that ends early',
      (tar) => compress('bzip2', tar).subarray(0, 100),
      'PayloadBroken',
      /^Cannot unpack http/,
    ],
  ])('refuses a download with the right digest that %s', async (_, spoil, reason, message) => {
    const { host } = await fakeNode();
    const paths = host.paths();
    const source = await sourceOf(spoil(await makeTar(good)));
    const [report] = await runSteps(host, tinyPayload(), tinyTask({ sources: [source] }), stage);
    expect(report).toMatchObject({ outcome: 'failed', reason });
    expect(report?.message).toMatch(message);
    expect(host.paths()).toEqual(paths);
  });
});
