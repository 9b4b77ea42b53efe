// Payloads that come from elsewhere than an image, staged by pods on a real cluster: an archive as upstream publishes gVisor, behind a
// proxy and a private certificate authority, and a folder of the node. A wrong digest is refused, and the node is as it was.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { authoritiesConfigMap, namespace } from '../../crds/names.ts';
import type { SandboxNodeStatus } from '../../crds/sandbox-node.ts';
import { ensure } from '../../hack/build/ensure.ts';
import { clusterUp } from '../../hack/cluster/cluster-up.ts';
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { deployOperator } from '../../hack/deploy/deploy-operator.ts';
import { kernelLogPod } from '../../hack/deploy/first-light.ts';
import { runningDocker } from '../../hack/docker/ensure-docker.ts';
import { progress } from '../../hack/progress.ts';
import { run } from '../../hack/run.ts';
import { connectProxy, type ConnectProxy } from '../archives/connect-proxy.ts';
import { compress, makeTar, sha256 } from '../archives/make-archive.ts';
import { privateAuthority } from '../archives/private-authority.ts';
import { type Answer, fileOf, serve, type Served } from '../archives/serve.ts';
import { contentOf, onNode } from './node-state.ts';

const cluster = inject('cluster');
const worker = `${cluster}-worker`;
const say = progress('e2e');
/** Only the proxy knows it. */
const serverName = 'files.bulkhead.test';
const version = '20261005.0';
const given = '/srv/own-runtime';
/** Where the admin's own runtime writes down how it is called. */
const calls = '/run/own-runtime.log';

let kubectl: Kubectl;
let image: string;
let before: string;
let archive: Buffer;
let plain: Served;
let secure: Served;
let proxy: ConnectProxy;

const apply = (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object));
const sandboxRuntime = (name: string, spec: object) => ({
  apiVersion: 'bulkhead.dev/v1alpha1',
  kind: 'SandboxRuntime',
  metadata: { name },
  spec: { nodes: { selector: { 'kubernetes.io/hostname': worker } }, ...spec },
});
const gvisorFrom = (url: string, digest: string) =>
  sandboxRuntime('gvisor', {
    family: 'gvisor',
    version,
    payload: { sources: [{ archive: { url, sha256: digest } }] },
  });
const waitReady = (name: string) =>
  kubectl(['wait', `sandboxruntime/${name}`, '--for=condition=Ready', '--timeout=240s']);

async function entryOf(name: string) {
  const status = await kubectl(['get', 'sandboxnode', worker, '-o', 'jsonpath={.status}']);
  return (JSON.parse(status) as SandboxNodeStatus).runtimes?.find((runtime) => runtime.name === name);
}

/** What the pod printed, once it has ended well. */
async function logOf(name: string, runtimeClassName: string, ...command: string[]): Promise<string> {
  const pod = kernelLogPod(name, image);
  const containers = pod.spec.containers.map((container) => ({ ...container, command: ['/bin/busybox', ...command] }));
  await apply({ ...pod, spec: { ...pod.spec, runtimeClassName, containers } });
  await kubectl(['wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=180s']);
  const log = await kubectl(['logs', name]);
  await kubectl(['delete', 'pod', name]);
  return log;
}

/** As upstream's archive has it since September 2026. runsc boots its sandboxes by the program beside it, which can be runsc itself. */
async function upstreamArchive(): Promise<Buffer> {
  const built = await ensure('gvisor', say);
  const program = (name: string) => readFileSync(join(built, name));
  return compress(
    'zstd',
    await makeTar([
      ['runsc', program('runsc')],
      ['containerd-shim-runsc-v1', program('containerd-shim-runsc-v1')],
      ['gvisor-bin/gvisor_sentry', program('runsc')],
      ['gvisor-bin/runsc-metric-server', '#!/bin/sh\n'],
    ]),
  );
}

/** Longer than it takes until the installer says how far it is. */
function slowFileOf(bytes: Buffer): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
    setTimeout(() => response.end(bytes.subarray(bytes.length / 2)), 11_000);
  };
}

/** This machine as the nodes see it. */
async function gateway(): Promise<string> {
  const docker = await runningDocker();
  if (docker === undefined) throw new Error('Cannot serve to the nodes: no Docker runs here.');
  const format = '{{range .IPAM.Config}}{{println .Gateway}}{{end}}';
  const addresses = await run(['docker', 'network', 'inspect', 'kind', '-f', format], { env: docker.env });
  return addresses.split('\n').find((address) => /^[\d.]+$/.test(address)) ?? '';
}

beforeAll(async () => {
  const running = await clusterUp({ name: cluster, workers: 2, nodeImage: 'auto', say });
  kubectl = running.kubectl;
  await kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']).catch(() => {});
  archive = await upstreamArchive();
  const address = await gateway();
  const { authority, key, cert } = privateAuthority(serverName);
  plain = await serve(fileOf(archive), undefined, address);
  secure = await serve(slowFileOf(archive), { key, cert }, address);
  proxy = await connectProxy(secure.url, address);
  image = (await deployOperator(running, say, { env: { HTTPS_PROXY: proxy.url } })).installer;
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: authoritiesConfigMap, namespace } };
  await apply({ ...configMap, data: { 'ca.crt': authority } });
  before = await contentOf(worker);
});

afterAll(async () => {
  await kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']);
  await kubectl(['-n', namespace, 'delete', 'configmap', authoritiesConfigMap, '--ignore-not-found']);
  await onNode(worker, 'rm', '-rf', given, calls);
  for (const each of [plain, secure, proxy]) await each.stop();
});

describe('a payload from elsewhere', () => {
  it('is refused when its digest is another, and the node is as it was', async () => {
    const wrong = `${'0'.repeat(63)}1`;
    await apply(gvisorFrom(`${plain.url}/gvisor.tar.zstd`, wrong));
    await expect
      .poll(() => entryOf('gvisor'), { timeout: 60_000, interval: 500 })
      .toMatchObject({
        phase: 'Failed',
        step: 'stage',
        reason: 'PayloadDigestWrong',
        message: `Cannot use ${plain.url}/gvisor.tar.zstd: its sha256 is ${sha256(archive).slice(0, 12)}… and not 000000000000…; it is an archive, but another one.`,
      });
    expect(await contentOf(worker)).toBe(before);
  });

  it('comes by a proxy from a server whose authority only the ConfigMap has, and says how far it is', async () => {
    const from = Date.now();
    const url = new URL('/gvisor.tar.zstd', secure.url);
    url.hostname = serverName;
    await apply(gvisorFrom(url.href, sha256(archive)));
    await waitReady('gvisor');
    say(`applied to Ready from an archive: ${((Date.now() - from) / 1000).toFixed(1)} s`);
    expect(proxy.asked).toContain(url.host);
    expect(secure.asked).toContain('GET /gvisor.tar.zstd');
    const install = ['-l', 'bulkhead.dev/runtime=gvisor,bulkhead.dev/job=install', '-c', 'stage'];
    expect(await kubectl(['-n', namespace, 'logs', ...install])).toMatch(/fetched \d+ MB of \d+ MB from https:/);
  });

  it('is on the node as upstream has it, and runs pods', async () => {
    const staged = await onNode(worker, 'sh', '-c', 'cd /opt/bulkhead/gvisor/*/ && find . -type f | LC_ALL=C sort');
    expect(staged.trim().split('\n')).toEqual([
      './containerd-shim-runsc-v1',
      './gvisor-bin/gvisor_sentry',
      './gvisor-bin/runsc-metric-server',
      './manifest.json',
      './runsc',
      './runsc.toml',
    ]);
    expect(await logOf('from-archive', 'gvisor', 'dmesg')).toContain('Starting gVisor');
  });

  it('is a folder of the node with an OCI runtime of the admin’s own', async () => {
    const script = `#!/bin/sh\necho "$*" >> ${calls}\nexec runc "$@"\n`;
    const write = `mkdir -p ${given}/bin && printf '%s' '${script}' > ${given}/bin/own && chmod 755 ${given}/bin/own`;
    await onNode(worker, 'sh', '-c', write);
    await apply(
      sandboxRuntime('own', {
        family: 'custom',
        version: '1.0',
        payload: { sources: [{ hostPath: given }] },
        handlers: [{ name: 'own', type: 'oci', path: 'bin/own' }],
      }),
    );
    await waitReady('own');
    expect(await logOf('from-folder', 'own', 'echo', 'hello')).toBe('hello\n');
    expect(await onNode(worker, 'cat', calls)).toMatch(/ create .*--bundle /);
  });

  it('goes without a trace', async () => {
    await kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']);
    expect(await contentOf(worker)).toBe(before);
  });
});
