// Measures how long an install takes whose payload is an archive of real size, laid out as a Kata release, for one handler of it:
// against unpacking the same archive by tar. Both begin with the archive on the disk and end with the bytes there.
// It is no test; docs/benchmarks.md has what it printed and on what. ROUNDS=5, ARCHIVE_MB=1000 (unpacked it has twice that).
import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NodeTask } from '../../crds/node-task.ts';
import { progress } from '../../hack/progress.ts';
import { archiveFile } from '../../node-installer/payload/archive-layer.ts';
import { runtimeFolder } from '../../node-installer/payload/folder.ts';
import { hashOf } from '../../node-installer/payload/hash.ts';
import { kataEntries } from '../archives/kata-archive.ts';
import { type ContainedNode, containedNode } from '../node-installer/contained-node.ts';
import { kataTask, kataVersion } from '../node-installer/kata-from-catalogue.ts';
import { installerProcesses, type InstallerProcesses } from '../node-installer/installer-processes.ts';
import { install, runSteps } from '../node-installer/run-steps.ts';
import { tinyPayload } from '../node-installer/tiny-payload.ts';
import { type Measured, tableRow } from './table-row.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const archiveBytes = Number(process.env['ARCHIVE_MB'] ?? 1000) * 1e6;
const say = progress('bench');

/** Names, links and configs as in a release, what is large scaled up; half of each is noise, half compresses to nothing. */
function unpackedRelease(folder: string): void {
  const entries = kataEntries('kata-static', kataVersion);
  const sizes = entries.map(([, content]) => (Buffer.isBuffer(content) ? content.length : 0));
  const factor = (2 * archiveBytes) / sizes.reduce((sum, size) => sum + size, 0);
  for (const [name, content] of entries) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string') writeFileSync(path, content, { mode: 0o755 });
    else if (Buffer.isBuffer(content)) fill(path, Math.round((content.length * factor) / 2));
    else symlinkSync(content.linkname ?? '', path);
  }
}

function fill(path: string, halfBytes: number): void {
  const script = `{ head -c ${halfBytes} /dev/urandom; yes "a kernel, an image, a disk" | head -c ${halfBytes}; } > ${path}`;
  execFileSync('sh', ['-c', script]);
}

/** `order` as tar has it: `none` is that of the folder, `name` is sorted. */
function archiveOf(folder: string, order: 'none' | 'name'): string {
  const archive = join(folder, `${order}.tar.zst`);
  execFileSync('tar', ['--zstd', `--sort=${order}`, '-cf', archive, '-C', join(folder, 'release'), '.']);
  return archive;
}

function unpackMs(archive: string, into: string): number {
  mkdirSync(into);
  execFileSync('sync');
  const startedMs = performance.now();
  execFileSync('sh', ['-c', `tar --zstd -xf ${archive} -C ${into} && sync -f ${into}`]);
  const tookMs = performance.now() - startedMs;
  rmSync(into, { recursive: true });
  return tookMs;
}

async function installMs(node: ContainedNode, installers: InstallerProcesses, task: NodeTask, archive: string) {
  const fetched = node.at(runtimeFolder(task.runtime));
  mkdirSync(fetched, { recursive: true });
  const [source] = task.sources;
  if (source?.kind !== 'archive') throw new Error('Cannot measure an install: its source is no archive.');
  copyFileSync(archive, archiveFile(fetched, source.digest));
  execFileSync('sync');
  const startedMs = performance.now();
  const said = await installers.run({ task, steps: install });
  const tookMs = performance.now() - startedMs;
  if ((await runSteps(node.host, tinyPayload(), task, ['verify']))[0]?.outcome !== 'unchanged') {
    throw new Error(`Cannot measure an install: ${said}`);
  }
  await runSteps(node.host, tinyPayload(), task, ['remove']);
  return tookMs;
}

async function measure(archive: string, folder: string): Promise<Measured> {
  const { sha256 } = await hashOf(createReadStream(archive));
  const source = { archive: { url: 'https://nowhere.invalid/', sha256 } };
  const task = kataTask({ payload: { sources: [source] }, handlers: [{ name: 'kata-qemu-runtime-rs' }] });
  const node = await containedNode('2.3', 'version = 3\n');
  const installers = await installerProcesses(node);
  const measured: Measured = { base: [], ours: [] };
  try {
    await node.startEngine();
    // In turns, so that both have the same machine.
    for (let round = 1; round <= rounds; round += 1) {
      measured.base.push(unpackMs(archive, join(folder, 'unpacked')));
      measured.ours.push(await installMs(node, installers, task, archive));
      say(`round ${round}: ${measured.base.at(-1)?.toFixed(0)} and ${measured.ours.at(-1)?.toFixed(0)} ms`);
    }
  } finally {
    installers.stop();
    await node.stop();
  }
  return measured;
}

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
try {
  unpackedRelease(join(folder, 'release'));
  const rows: string[] = [];
  for (const order of ['none', 'name'] as const) {
    const archive = archiveOf(folder, order);
    say(`${order}: ${Math.round(statSync(archive).size / 1e6)} MB`);
    rows.push(tableRow(order === 'none' ? 'as the folder has it' : 'by name', await measure(archive, folder)));
  }
  console.log(
    `${rounds} rounds each on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; median (least–most) in ms`,
  );
  console.log(['| order in the archive | tar | install | ratio |', '|---|---|---|---|', ...rows].join('\n'));
} finally {
  rmSync(folder, { recursive: true });
}
