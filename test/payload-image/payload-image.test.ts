// Payload images from archives laid out as upstream's: the same bytes each time, by component, staged as the archive itself is.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeTask } from '../../crds/node-task.ts';
import { payloadCommand } from '../../hack/payload-image/payload-command.ts';
import { payloadTask } from '../../hack/payload-image/payload-task.ts';
import { realHost } from '../../node-installer/host/real-host.ts';
import { payloadIn, type PayloadSource } from '../../node-installer/payload/source.ts';
import { kataEntries } from '../archives/kata-archive.ts';
import { type Entries, sha256 } from '../archives/make-archive.ts';
import { fileOf, serve } from '../archives/serve.ts';
import { containedNode } from '../node-installer/contained-node.ts';
import { install, runSteps } from '../node-installer/run-steps.ts';
import { tinyPayload } from '../node-installer/tiny-payload.ts';
import { buildImage, elf, kataArguments, kataSource, kataVersion, sourceOf } from './build-image.ts';
import { readImage } from './read-image.ts';
import { treeBelow } from './tree-below.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-payload-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const archive = (name: string, entries: Entries) => sourceOf(folder, name, entries);
const kataArchive = () => kataSource(folder);
const build = (name: string, args: readonly string[]) => buildImage(folder, name, args);

describe('a payload image', { timeout: 120_000 }, () => {
  it('has the same digest for the same archives, whatever the folder and the time, and another for one other byte', async () => {
    const source = await kataArchive();
    const first = await build('first.tar', kataArguments('kata-clh-runtime-rs', source));
    mkdirSync(join(folder, 'elsewhere'));
    const path = source.slice(0, source.indexOf('@'));
    const copy = join(folder, 'elsewhere/kata-static-4.2.0-amd64.tar.zst');
    cpSync(path, copy);
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2031-01-01') });
    const second = await build(
      'elsewhere/second.tar',
      kataArguments('kata-clh-runtime-rs', source.replace(path, copy)),
    );
    vi.useRealTimers();
    expect(second.digest).toBe(first.digest);
    expect(readFileSync(join(folder, 'elsewhere/second.tar')).equals(readFileSync(join(folder, 'first.tar')))).toBe(
      true,
    );
    const changed = kataEntries('kata-static', kataVersion).map(([name, content]) =>
      name.endsWith('/kata-ubuntu-noble.image')
        ? ([name, Buffer.alloc(1_000_000, 'another ')] as const)
        : ([name, content] as const),
    );
    const other = await build(
      'other.tar',
      kataArguments('kata-clh-runtime-rs', await archive('changed.tar.zst', changed)),
    );
    expect(other.digest).not.toBe(first.digest);
  });

  it('shares the layers of the components that two handlers share', async () => {
    const source = await kataArchive();
    const layersOf = async (handler: string) => {
      const { payloads } = await build(`${handler}.tar`, kataArguments(handler, source));
      const { layers } = await readImage(join(folder, `${handler}.tar`));
      const names = payloads[0]?.parts.flatMap(({ name, isOrigin }) => (isOrigin ? [] : [name])) ?? [];
      // After the components comes what is about them all.
      expect(layers['amd64']).toHaveLength(names.length + 1);
      return new Map(names.map((name, i) => [name, layers['amd64']?.[i]]));
    };
    const [qemu, clh] = [await layersOf('kata-qemu-runtime-rs'), await layersOf('kata-clh-runtime-rs')];
    expect([...qemu.keys()]).toEqual(['shim-rust', 'qemu', 'virtiofsd', 'kernel', 'guest-image', 'configs']);
    expect([...clh.keys()]).toEqual(['shim-rust', 'cloud-hypervisor', 'virtiofsd', 'kernel', 'guest-image', 'configs']);
    const shared = [...qemu.keys()].filter((name) => clh.has(name) && clh.get(name) === qemu.get(name));
    expect(shared).toEqual(['shim-rust', 'virtiofsd', 'kernel', 'guest-image']);
  });

  it('is staged by a node as the archive itself is', async () => {
    const source = await kataArchive();
    const handlers = 'kata-qemu-runtime-rs,kata-clh-runtime-rs';
    await build('staged.tar', kataArguments(handlers, source));
    const image = join(folder, 'image');
    await (await readImage(join(folder, 'staged.tar'))).unpack('amd64', image);
    const command = payloadCommand(['--out', 'none', ...kataArguments(handlers, source)], 'amd64');
    const { task } = payloadTask(command, 'amd64');
    const path = source.slice(0, source.indexOf('@'));
    const server = await serve(fileOf(readFileSync(path)));
    const hex = source.slice(-64);
    const fetched = { kind: 'archive', url: `${server.url}/a.tar.zst`, digest: { algorithm: 'sha256', hex } } as const;
    const fromArchive = await staged({ ...task, sources: [fetched] }, tinyPayload());
    await server.stop();
    const fromImage = await staged({ ...task, sources: [{ kind: 'image' }] }, payloadIn(join(image, 'payload')));
    expect(fromImage).toEqual(fromArchive);
    expect(Object.keys(fromImage).length).toBeGreaterThan(12);
  });

  it('is installed on a node, whose containerd then serves its handlers', async () => {
    const handlers = 'kata-qemu-runtime-rs,kata-dragonball';
    const args = kataArguments(handlers, await kataArchive());
    await build('installed.tar', args);
    const image = join(folder, 'installed');
    await (await readImage(join(folder, 'installed.tar'))).unpack('amd64', image);
    const { task } = payloadTask(payloadCommand(['--out', 'none', ...args], 'amd64'), 'amd64');
    const node = await containedNode('2.4', 'version = 3\n');
    try {
      await node.startEngine();
      // This machine is no node of Kata's.
      const wanted = nodeTask.parse({ ...task, sources: [{ kind: 'image' }], needs: { virtualization: 'Ignored' } });
      const reports = await runSteps(node.host, payloadIn(join(image, 'payload')), wanted, install);
      expect(reports.map(({ outcome, message }) => message ?? outcome)).toEqual([
        'unchanged',
        'done',
        'done',
        'unchanged',
      ]);
      expect(reports[3]?.handlers).toEqual(expect.arrayContaining(handlers.split(',')));
    } finally {
      await node.stop();
    }
  });

  it('is one for each architecture that archives are given for, under one name', async () => {
    const spec = join(folder, 'custom.yaml');
    writeFileSync(
      spec,
      'spec: { family: custom, version: 1.2.0, handlers: [{ name: runnc, type: oci, path: bin/runnc }] }\n',
    );
    const sources = [
      `amd64=${await archive('amd64.tar', [['bin/runnc', elf(62)]])}`,
      `arm64=${await archive('arm64.tar', [['bin/runnc', elf(183)]])}`,
    ];
    await build('both.tar', ['--spec', spec, ...sources.flatMap((source) => ['--source', source])]);
    const image = await readImage(join(folder, 'both.tar'));
    expect(Object.keys(image.layers)).toEqual(['amd64', 'arm64']);
    for (const [arch, machine] of [
      ['amd64', 62],
      ['arm64', 183],
    ] as const) {
      const at = join(folder, `unpacked-${arch}`);
      await image.unpack(arch, at);
      expect(readFileSync(join(at, 'payload/bin/runnc')).equals(elf(machine))).toBe(true);
      expect(JSON.parse(readFileSync(join(at, 'payload/manifest.json'), 'utf8'))).toMatchObject({
        arch,
        version: '1.2.0',
      });
    }
  });
});

describe('the bill of materials of a payload image', () => {
  it('has versions and homes from the archive’s own list, every file’s digest, the archive, and says that it brings no licences', async () => {
    const source = await kataArchive();
    await build('sbom.tar', kataArguments('kata-clh-runtime-rs', source));
    const sbom = await sbomOf('sbom.tar');
    const part = (name: string) => sbom.packages.find((each) => each.name === name);
    expect(part('cloud-hypervisor')).toMatchObject({
      versionInfo: 'v51.1',
      licenseDeclared: 'Apache-2.0 AND BSD-3-Clause',
      downloadLocation: 'https://github.com/cloud-hypervisor/cloud-hypervisor',
    });
    expect(part('shim-rust')).toMatchObject({ versionInfo: kataVersion });
    expect(part('guest-image')).toMatchObject({ licenseDeclared: 'NOASSERTION' });
    expect(part('kata-static-4.2.0-amd64.tar.zst')?.checksums).toEqual([
      { algorithm: 'SHA256', checksumValue: source.slice(-64) },
    ]);
    expect(sbom.files.map(({ fileName }) => fileName)).toContain('./bin/cloud-hypervisor');
    expect(sbom.comment).toMatch(/^The archives bring no licence texts\./);
  });

  it('hands on the licence texts that an archive brings', async () => {
    const entries: Entries = [
      ...kataEntries('kata-static', kataVersion),
      ['./opt/kata/share/doc/qemu/COPYING', 'You may.'],
    ];
    const source = await archive('licensed.tar.zst', entries);
    await build('licensed.tar', kataArguments('kata-clh-runtime-rs', source));
    const sbom = await sbomOf('licensed.tar');
    expect(sbom.comment).toBeUndefined();
    const text = join(folder, 'licensed.tar.d/usr/share/doc/payload-kata/share/doc/qemu/COPYING');
    expect(readFileSync(text, 'utf8')).toBe('You may.');
  });
});

describe('what is refused in words, with nothing written', () => {
  const broken = Buffer.from('<html>not found</html>');
  const rust = 'kata-clh-runtime-rs';
  const noShim = async () =>
    archive(
      'no-shim.tar.zst',
      kataEntries('kata-static', kataVersion).filter(([name]) => !name.endsWith('/virtiofsd')),
    );
  const foreign = async () =>
    archive('foreign.tar.zst', [
      ...kataEntries('kata-static', kataVersion).filter(([name]) => !name.endsWith('/cloud-hypervisor')),
      ['./opt/kata/bin/cloud-hypervisor', elf(183)],
    ]);
  const page = () => {
    writeFileSync(join(folder, 'page'), broken);
    return `${join(folder, 'page')}@sha256:${sha256(broken)}`;
  };
  it.each([
    [
      'a file that is missing',
      async () => kataArguments(rust, await noShim()),
      'PayloadIncomplete',
      /it has no libexec\/virtiofsd\.$/,
    ],
    [
      'a program for another machine',
      async () => kataArguments(rust, await foreign()),
      'WrongArchitecture',
      /cloud-hypervisor on an amd64 node: it is a program for arm64/,
    ],
    [
      'another digest',
      async () => kataArguments(rust, (await kataArchive()).replace(/.{64}$/, '0'.repeat(64))),
      'PayloadDigestWrong',
      /its sha256 is .+ and not 0{12}…; it is an archive, but another one\.$/,
    ],
    ['no archive', async () => kataArguments(rust, page()), 'PayloadNotAnArchive', /it is a web page\.$/],
    [
      'no such file',
      async () => kataArguments(rust, `/nowhere@sha256:${'0'.repeat(64)}`),
      'PayloadMissing',
      /Cannot use \/nowhere: there is no such file/,
    ],
    [
      'a source without a digest',
      async () => kataArguments(rust, '/nowhere'),
      'CommandWrong',
      /the source \/nowhere is not \[ARCH=\]FILE-OR-URL@sha256:HEX/,
    ],
    [
      'an unknown handler',
      async () => kataArguments('kata-qmeu', await kataArchive()),
      'UnknownVariant',
      /no variant of Kata Containers called kata-qmeu/,
    ],
    [
      'an architecture that no source is for',
      async () => [...kataArguments(rust, `amd64=${await kataArchive()}`), '--arch', 'arm64'],
      'WrongArchitecture',
      /kata 4\.2\.0 for arm64: no source is for that architecture/,
    ],
    [
      'a digest that nobody has published',
      async () => ['--family', 'kata', '--version', '4.1.0', '--arch', 'arm64'],
      'DigestUnknown',
      /Nobody has published a digest of Kata Containers 4\.1\.0 for arm64/,
    ],
    [
      'a family whose payload the project builds',
      async () => ['--family', 'krun'],
      'NoArchive',
      /it comes as an image/,
    ],
    ['an option that is none', async () => ['--familiy', 'kata'], 'CommandWrong', /familiy/],
  ])('%s', async (_, args, reason, message) => {
    const given = await args();
    mkdirSync(join(folder, 'refused'), { recursive: true });
    const built = (async () => build('refused/image.tar', given))();
    await expect(built).rejects.toMatchObject({ reason, message: expect.stringMatching(message) as string });
    expect(readdirSync(join(folder, 'refused'))).toEqual([]);
  });
});

/** What a stage step puts onto an empty host, where no kubelet runs; the folder's own name is that of its recipe. */
async function staged(task: object, payload: PayloadSource): Promise<Record<string, string>> {
  const root = mkdtempSync(join(folder, 'host-'));
  mkdirSync(join(root, 'run'));
  const host = { ...realHost(root, []), processes: async () => [] };
  const [report] = await runSteps(host, payload, task as Parameters<typeof runSteps>[2], ['stage']);
  expect(report?.message ?? report?.outcome).toBe('done');
  const [name = ''] = readdirSync(join(root, 'opt/bulkhead/payload'));
  const { 'manifest.json': _, ...files } = treeBelow(join(root, 'opt/bulkhead/payload', name), name);
  return files;
}

interface Sbom {
  readonly comment?: string;
  readonly packages: readonly { readonly name: string; readonly checksums?: readonly object[] }[];
  readonly files: readonly { readonly fileName: string }[];
}

async function sbomOf(name: string): Promise<Sbom> {
  const at = join(folder, `${name}.d`);
  await (await readImage(join(folder, name))).unpack('amd64', at);
  return JSON.parse(readFileSync(join(at, 'usr/share/sbom/payload-kata.spdx.json'), 'utf8')) as Sbom;
}
