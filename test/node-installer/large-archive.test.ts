// A payload of real size: what staging one handler of it takes, against unpacking the whole by tar. `BENCH_MB=1000` for a full release.
import { execFile, execFileSync } from 'node:child_process';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { taskVariable } from '../../crds/names.ts';
import type { NodeReport } from '../../crds/node-report.ts';
import { bundle } from '../../hack/images/bundle.ts';
import { runtimeFolder } from '../../node-installer/payload/folder.ts';
import { hashOf } from '../../node-installer/payload/hash.ts';
import { tinyTask } from './tiny-payload.ts';

const archiveMb = Number(process.env['BENCH_MB'] ?? 200);
/** Of Kata's releases: an archive unpacks to about twice its size, and a handler needs a fifth of that. */
const files: readonly (readonly [path: string, share: number])[] = [
  ['bin/shim', 0.03],
  ['share/rootfs.img', 0.17],
  ['share/other-1.img', 0.4],
  ['share/other-2.img', 0.4],
];
let folder = '';
let archive = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-large-'));
  for (const [path, share] of files) {
    const halfMb = Math.round(archiveMb * share);
    mkdirSync(dirname(join(folder, 'in', path)), { recursive: true });
    const write = `{ head -c ${halfMb}M /dev/urandom; yes "a kernel, an image, a disk" | head -c ${halfMb}M; } > ${join(folder, 'in', path)}`;
    execFileSync('sh', ['-c', write]);
  }
  archive = join(folder, 'large.tar.zst');
  execFileSync('tar', ['--zstd', '-cf', archive, '-C', join(folder, 'in'), '.']);
  rmSync(join(folder, 'in'), { recursive: true });
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both end with the bytes on the disk. */
function unpackMs(): number {
  const into = join(folder, 'unpacked');
  mkdirSync(into);
  const startedMs = performance.now();
  execFileSync('sh', ['-c', `tar --zstd -xf ${archive} -C ${into} && sync -f ${into}`]);
  const tookMs = performance.now() - startedMs;
  rmSync(into, { recursive: true });
  return tookMs;
}

/** The installer as it is in its image, on an archive that an earlier try has fetched. */
async function stage() {
  const { sha256: hex } = await hashOf(createReadStream(archive));
  const [handler] = tinyTask().handlers;
  const task = tinyTask({
    sources: [{ kind: 'archive', url: 'https://nowhere.invalid/', digest: { algorithm: 'sha256', hex } }],
    handlers: handler ? [{ ...handler, requires: ['bin/shim', 'share/rootfs.img'] }] : [],
  });
  const root = join(folder, 'root');
  const fetched = join(root, runtimeFolder(task.runtime));
  for (const path of ['work', 'root/run', 'root/proc']) mkdirSync(join(folder, path), { recursive: true });
  mkdirSync(fetched, { recursive: true });
  renameSync(archive, join(fetched, `.archive-${hex.slice(0, 12)}`));
  const program = join(folder, 'node-installer.mjs');
  writeFileSync(program, (await bundle('node-installer/main.ts')).text);
  const paths = ['--host-root', root, '--work', join(folder, 'work'), '--report', join(folder, 'report.json')];
  const env = { ...process.env, [taskVariable]: JSON.stringify(task) };
  const startedMs = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', tellPeak, program, 'stage', ...paths], {
    env,
  });
  const tookMs = performance.now() - startedMs;
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as NodeReport;
  return { report, tookMs, peakBytes: Number(stdout.trim().split('\n').at(-1)) * 1024 };
}

/** The kernel's own high-water mark: that of getrusage(2) begins with the memory of whoever started the process. */
const tellPeak = `data:text/javascript,import { readFileSync } from 'node:fs';
process.on('exit', () => console.log(/VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));`;

it('stages a handler in little memory, and tells how long it takes', { timeout: 600_000 }, async () => {
  const archiveBytes = statSync(archive).size;
  const tarMs = unpackMs();
  const { report, peakBytes, tookMs } = await stage();
  const times = `${Math.round(tookMs)} ms, ${(tookMs / tarMs).toFixed(2)} of tar's ${Math.round(tarMs)} ms`;
  console.info(`${Math.round(archiveBytes / 1e6)} MB: ${times}; peak ${Math.round(peakBytes / 1e6)} MB`);
  expect(report).toMatchObject({ outcome: 'done' });
  expect(peakBytes).toBeLessThan(150e6);
});
