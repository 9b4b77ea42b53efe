// A payload image without the installer as kubelet has it mounted: by a real containerd, over its CRI, into a container of the installer.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeReport } from '../../crds/node-report.ts';
import { nodeTask } from '../../crds/node-task.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { writeImage } from '../../hack/image/write-image.ts';
import { buildImages } from '../../hack/images/build.ts';
import { payloadCommand } from '../../hack/payload-image/payload-command.ts';
import { payloadTask } from '../../hack/payload-image/payload-task.ts';
import { progress } from '../../hack/progress.ts';
import { payloadVolume, stepContainer, withPayloadVolume } from '../../operator/render/node-containers.ts';
import { type Containerd, containedConfig, startContainerd } from '../containerd/start-containerd.ts';
import { buildImage, kataArguments, kataSource } from './build-image.ts';
import { mountsBelow } from './mounts-below.ts';

const run = promisify(execFile);
const say = progress('test');
const pause = 'localhost/bulkhead/pause:1';
let folder = '';
let containerd: Containerd | undefined;
let crictl: (...args: string[]) => Promise<string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-volume-'));
});
afterEach(async () => {
  for (const pod of (await crictl('pods', '-q').catch(() => '')).split('\n').filter(Boolean))
    await crictl('rmp', '-f', pod);
  await containerd?.stop();
  containerd = undefined;
  for (const at of mountsBelow(folder)) await run('umount', [at]);
  rmSync(folder, { recursive: true, force: true });
});

/** A containerd with the images of the tars. */
async function engineWith(line: '2.1' | '2.4', tars: readonly string[]): Promise<void> {
  const configText = `${containedConfig(line, folder)}
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${pause}"

# Where the tests are in a container themselves, they may not lower it.
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
`;
  const started = (containerd = await startContainerd({ line, folder, configText }));
  const program = join(await ensure('crictl', say), 'crictl');
  const endpoint = ['--runtime-endpoint', `unix://${started.socket}`, '--timeout', '60s'];
  crictl = async (...args) => (await run(program, [...endpoint, ...args])).stdout.trim();
  const ctr = join(await ensure(`containerd-${line}`, say), 'ctr');
  for (const tar of tars)
    await run(ctr, ['--address', started.socket, '--namespace', 'k8s.io', 'images', 'import', tar]);
}

async function pauseImage(): Promise<string> {
  const out = join(folder, 'pause.tar');
  const from = join(await ensure('pause', say), 'pause');
  await writeImage({
    out,
    images: [{ name: pause, layers: [{ files: [{ from, to: '/pause' }] }], config: { entrypoint: ['/pause'] } }],
  });
  return out;
}

describe.each(['2.1', '2.4'] as const)('containerd %s', (line) => {
  it('mounts the image, and the stage step finds the payload in it', { timeout: 240_000 }, async () => {
    const args = kataArguments('kata-clh-runtime-rs', await kataSource(folder));
    const { name } = await buildImage(folder, 'data.tar', args);
    const { tars, installer } = await buildImages(say, { families: [] });
    await engineWith(line, [await pauseImage(), join(folder, 'data.tar'), ...tars]);
    const { task } = payloadTask(payloadCommand(['--out', 'none', ...args], 'amd64'), 'amd64');
    const wanted = nodeTask.parse({ ...task, sources: [{ kind: 'image' }], needs: { virtualization: 'Ignored' } });
    const report = await runStage(withPayloadVolume(stepContainer('stage', installer, wanted)), name);
    expect(report.message ?? report.outcome).toBe('done');
    const [staged = ''] = readdirSync(join(folder, 'host/opt/bulkhead/payload'));
    expect(readdirSync(join(folder, 'host/opt/bulkhead/payload', staged, 'bin'))).toEqual(['cloud-hypervisor']);
  });
});

type Step = ReturnType<typeof stepContainer>;

/** As kubelet asks for it, but for the host, which is a folder. */
async function runStage(step: Step, image: string): Promise<NodeReport> {
  for (const path of ['host/run', 'host/proc', 'work', 'authorities'])
    mkdirSync(join(folder, path), { recursive: true });
  const volume = payloadVolume(image);
  const report = join(folder, 'report');
  writeFileSync(report, '');
  const mounts = (step.volumeMounts ?? []).map(({ name, mountPath, readOnly = false }) => ({
    container_path: mountPath,
    readonly: readOnly,
    ...(name === volume.name ? { image: { image: volume.image?.reference } } : { host_path: join(folder, name) }),
  }));
  const write = (name: string, value: object) => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const pod = write('pod.json', {
    metadata: { name: 'stage', namespace: 'test', uid: 'u', attempt: 1 },
    linux: { security_context: { namespace_options: { network: 2 } } },
  });
  const container = write('container.json', {
    metadata: { name: 'stage' },
    image: { image: step.image },
    args: step.args,
    envs: (step.env ?? []).map(({ name, value }) => ({ key: name, value })),
    mounts: [
      ...mounts,
      { container_path: '/host/proc', host_path: '/proc', readonly: true },
      { container_path: '/dev/termination-log', host_path: report },
    ],
    log_path: 'stage.log',
    linux: {
      security_context: {
        readonly_rootfs: true,
        capabilities: { add_capabilities: step.securityContext?.capabilities?.add },
      },
    },
  });
  const id = await crictl('create', await crictl('runp', pod), container, pod);
  await crictl('start', id);
  while ((JSON.parse(await crictl('inspect', id)) as Inspected).status.state !== 'CONTAINER_EXITED') await sleep(200);
  return JSON.parse(readFileSync(report, 'utf8')) as NodeReport;
}

interface Inspected {
  readonly status: { readonly state: string };
}
