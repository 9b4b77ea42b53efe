// Kata from archives laid out as upstream's: resolved by the operator, staged on a node, served by a real containerd.
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NodeTask } from '../../crds/node-task.ts';
import { parseToml, tableAt } from '../../node-installer/engine/toml.ts';
import { kataVariants } from '../../runtime/kata-variants.ts';
import { kataEntries } from '../archives/kata-archive.ts';
import { compress, makeTar, sha256 } from '../archives/make-archive.ts';
import { fileOf, serve, type Served } from '../archives/serve.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { kataTask, kataVersion } from './kata-from-catalogue.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload } from './tiny-payload.ts';

const archives = ['kata-static', 'kata-go-static'] as const;
const plugin = 'io.containerd.cri.v1.runtime';
const dropIn = '/etc/containerd/bulkhead.d/kata.toml';

let sources: { archive: { url: string; sha256: string } }[] = [];
let unpackedBytes = 0;
let servers: Served[] = [];
let node: ContainedNode | undefined;

beforeAll(async () => {
  for (const name of archives) {
    const entries = kataEntries(name, kataVersion);
    const bytes = compress('zstd', await makeTar(entries));
    const server = await serve(fileOf(bytes));
    servers.push(server);
    sources.push({ archive: { url: `${server.url}/${name}-${kataVersion}-amd64.tar.zst`, sha256: sha256(bytes) } });
    if (name === 'kata-static') unpackedBytes = sizeOf(entries);
  }
});
afterAll(async () => {
  for (const server of servers) await server.stop();
});
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

function sizeOf(entries: ReturnType<typeof kataEntries>): number {
  return entries.reduce((sum, [, content]) => sum + (content instanceof Buffer ? content.length : 0), 0);
}

async function installed(line: '2.0' | '2.4', task: NodeTask) {
  const made = (node = await containedNode(line, 'version = 3\n'));
  await made.startEngine();
  const reports = await runSteps(made.host, tinyPayload(), task, install);
  expect(reports.map(({ outcome, message }) => message ?? outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
  const [name = ''] = readdirSync(made.at('/opt/bulkhead/kata'));
  return { made, listed: reports[3]?.handlers ?? [], folder: `/opt/bulkhead/kata/${name}` };
}

function walk(path: string): string[] {
  return lstatSync(path).isDirectory() ? readdirSync(path).flatMap((name) => walk(join(path, name))) : [path];
}

/** Strings of a config, whatever they are set to. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

describe('Kata from upstream’s archives', { timeout: 180_000 }, () => {
  it.each(['2.0', '2.4'] as const)('serves every amd64 handler of both archives with containerd %s', async (line) => {
    const variants = kataVariants.filter(({ handler }) => handler.arches?.includes('amd64'));
    // A snapshotter that is not there is refused, and this node has none but its engine's own.
    const handlers = variants
      .filter(({ handler }) => handler.snapshotter === undefined)
      .map(({ handlerName = '' }) => ({ name: handlerName }));
    const task = kataTask({ payload: { sources }, handlers });
    const { made, listed, folder } = await installed(line, task);
    expect(listed).toEqual(expect.arrayContaining(handlers.map(({ name }) => name)));
    const root = made.at(folder);
    // Follows links: nothing dangles.
    for (const path of walk(root)) expect(statSync(path).isDirectory() || statSync(path).isFile()).toBe(true);
    for (const path of walk(root).filter((each) => lstatSync(each).isSymbolicLink())) {
      expect(join(dirname(path), readlinkSync(path))).toContain(root);
    }
    for (const { config } of task.handlers) {
      const text = readFileSync(made.at(`${folder}/${config?.to ?? ''}`), 'utf8');
      expect(text).not.toContain('/opt/kata/');
      const {
        valid_virtio_fs_daemon_paths: _,
        virtio_fs_daemon: __,
        ...used
      } = Object.values(tableAt(parseToml(text), 'hypervisor'))[0] as Record<string, unknown>;
      for (const path of strings(used).filter((each) => each.startsWith('/opt/'))) lstatSync(made.at(path));
    }
  });

  it('writes the tables that upstream’s installer writes', async () => {
    const task = kataTask({ payload: { sources }, handlers: [{ name: 'kata-qemu' }, { name: 'kata-clh-runtime-rs' }] });
    const { made, folder } = await installed('2.4', task);
    const table = parseToml(made.read(dropIn) ?? '');
    const same = {
      privileged_without_host_devices: true,
      pod_annotations: ['io.katacontainers.*'],
      container_annotations: ['io.kubernetes.container.terminationMessage*'],
    };
    const configs = `${folder}/share/defaults/kata-containers`;
    expect(tableAt(table, 'plugins', plugin, 'containerd', 'runtimes')).toEqual({
      'kata-qemu': {
        ...same,
        runtime_type: 'io.containerd.kata-qemu.v2',
        runtime_path: `${folder}/bin/containerd-shim-kata-v2`,
        options: { ConfigPath: `${configs}/runtimes/qemu/configuration-qemu.toml` },
      },
      'kata-clh-runtime-rs': {
        ...same,
        runtime_type: 'io.containerd.kata-clh-runtime-rs.v2',
        runtime_path: `${folder}/runtime-rs/bin/containerd-shim-kata-v2`,
        options: {
          ConfigPath: `${configs}/runtime-rs/runtimes/clh-runtime-rs/configuration-clh-runtime-rs.toml`,
        },
      },
    });
  });

  it('stages at most a third of a release for one handler, with QEMU’s firmware where QEMU looks', async () => {
    const task = kataTask({ payload: { sources: sources.slice(0, 1) }, handlers: [{ name: 'kata-qemu-runtime-rs' }] });
    const { made, folder } = await installed('2.4', task);
    const root = made.at(folder);
    const paths = walk(root).map((path) => path.slice(root.length + 1));
    expect(paths).toEqual([
      'bin/qemu-bundle/opt/kata/share/kata-qemu/qemu',
      'bin/qemu-system-x86_64',
      'libexec/virtiofsd',
      'manifest.json',
      'runtime-rs/bin/containerd-shim-kata-v2',
      'share/defaults/kata-containers/runtime-rs/configuration-qemu-runtime-rs.toml',
      'share/defaults/kata-containers/runtime-rs/runtimes/qemu-runtime-rs/configuration-qemu-runtime-rs.toml',
      'share/kata-containers/kata-containers.img',
      'share/kata-containers/kata-ubuntu-noble.image',
      'share/kata-containers/vmlinux-6.18.35-204',
      'share/kata-containers/vmlinux.container',
      'share/kata-qemu/qemu/bios-256k.bin',
      'share/kata-qemu/qemu/firmware/60-edk2-x86_64.json',
    ]);
    expect(readFileSync(`${root}/bin/qemu-bundle/opt/kata/share/kata-qemu/qemu/bios-256k.bin`)).toHaveLength(262_144);
    const stagedBytes = walk(root).reduce((sum, path) => sum + lstatSync(path).size, 0);
    expect(stagedBytes).toBeLessThan(unpackedBytes / 3);
  });

  it.each(['2.0', '2.4'] as const)('lays options over the config beside it, with containerd %s', async (line) => {
    const config = `[hypervisor.firecracker]\nkernel = "{dir}/share/kata-containers/vmlinux-debug.container"\n`;
    const guest = { httpsProxy: 'http://proxy:3128' };
    const options = { config, debug: true, allowedAnnotations: ['default_vcpus'], guest, snapshotter: 'native' };
    const task = kataTask({ payload: { sources: sources.slice(1) }, handlers: [{ name: 'kata-fc', ...options }] });
    const { made, folder } = await installed(line, task);
    const beside = `${folder}/share/defaults/kata-containers/runtimes/fc`;
    const read = (name: string) => parseToml(made.read(`${beside}/config.d/${name}`) ?? '');
    expect(readdirSync(made.at(beside))).toEqual(['config.d', 'configuration-fc.toml']);
    expect(readdirSync(made.at(`${beside}/config.d`))).toEqual(['20-debug.toml', '30-additions.toml', '50-user.toml']);
    expect(read('30-additions.toml')).toEqual({
      hypervisor: {
        firecracker: {
          enable_annotations: ['enable_iommu', 'kernel_params', 'kernel_verity_params', 'default_vcpus'],
          kernel_params: 'quiet agent.https_proxy=http://proxy:3128 agent.log=debug',
        },
      },
    });
    expect(tableAt(read('50-user.toml'), 'hypervisor', 'firecracker')['kernel']).toBe(
      `${folder}/share/kata-containers/vmlinux-debug.container`,
    );
    expect(statSync(made.at(`${folder}/share/kata-containers/vmlinux-debug.container`)).size).toBe(1_500_000);
    const table = parseToml(made.read(dropIn) ?? '');
    expect(tableAt(table, 'plugins', 'io.containerd.cri.v1.images', 'runtime_platforms')).toEqual({
      'kata-fc': { snapshotter: 'native' },
    });
  });

  it.each(['2.0', '2.4'] as const)('refuses a snapshotter that containerd %s cannot use', async (line) => {
    const made = (node = await containedNode(line, 'version = 3\n'));
    await made.startEngine();
    const preflight = async (handler: object) => {
      const task = kataTask({ payload: { sources }, handlers: [handler] });
      return (await runSteps(made.host, tinyPayload(), task, ['preflight']))[0];
    };
    const devmapper = await preflight({ name: 'kata-fc' });
    expect(devmapper).toMatchObject({ outcome: 'ineligible', reason: 'SnapshotterNotUsable' });
    expect(devmapper?.message).toMatch(
      /^Cannot use the snapshotter devmapper for kata-fc: (containerd could not load it \(.*\)|containerd has none of that name)\.$/,
    );
    expect(await preflight({ name: 'kata-qemu-snp' })).toMatchObject({
      message: 'Cannot use the snapshotter nydus for kata-qemu-snp: containerd has none of that name.',
    });
    expect(await preflight({ name: 'kata-fc', snapshotter: 'native' })).toMatchObject({ outcome: 'unchanged' });
  });

  it('names the file that the Rust archive does not have for a handler of the Go shim, and writes nothing', async () => {
    const made = (node = await containedNode('2.4', 'version = 3\n'));
    await made.startEngine();
    const task = kataTask({ payload: { sources: sources.slice(0, 1) }, handlers: [{ name: 'kata-qemu' }] });
    const reports = await runSteps(made.host, tinyPayload(), task, install);
    expect(reports[1]).toMatchObject({
      outcome: 'failed',
      reason: 'PayloadIncomplete',
      message:
        'Cannot stage the payload: it has no bin/containerd-shim-kata-v2, share/defaults/kata-containers/configuration-qemu.toml.',
    });
    expect(made.read(configPath)).toBe('version = 3\n');
    expect(readdirSync(made.at('/opt'))).not.toContain('bulkhead');
  });
});
