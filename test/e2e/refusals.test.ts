// What a person is told when a runtime cannot be had, on a real cluster: words on the object, and nothing written anywhere.

import { readFileSync } from 'node:fs';

import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { kvmLabel } from '../../crds/names.ts';
import { clusterUp } from '../../hack/cluster/cluster-up.ts';
import type { Kubectl } from '../../hack/cluster/kubectl.ts';
import { deployOperator } from '../../hack/deploy/deploy-operator.ts';
import { progress } from '../../hack/progress.ts';
import { contentOf, engineStart, onNode } from './node-state.ts';

const cluster = inject('cluster');
const [worker, other] = [`${cluster}-worker`, `${cluster}-worker2`];
const say = progress('e2e');
const [engineConfig, saved] = ['/etc/containerd/config.toml', '/root/config.toml.saved'];
/** containerd dumps it as its config, and its CRI does not start. */
const registryTwice = `
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.cri.v1.images".registry.mirrors."docker.io"]
    endpoint = ["http://127.0.0.1:1"]
`;
/** Nodes that are containers have what their machine has. */
const hasVirtualization = / (vmx|svm) /.test(readFileSync('/proc/cpuinfo', 'utf8'));

let kubectl: Kubectl;

async function apply(name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'bulkhead.dev/v1alpha1', kind: 'SandboxRuntime', metadata: { name }, spec };
  await kubectl(['apply', '-f', '-'], JSON.stringify(object));
}

const describeNode = (name: string) => kubectl(['describe', 'sandboxnode', name]);
const waitFor = (object: string, path: string, value: string) =>
  kubectl(['wait', object, `--for=jsonpath={${path}}=${value}`, '--timeout=60s']);
const phaseOf = (runtime: string) => `.status.runtimes[?(@.name=="${runtime}")].phase`;

beforeAll(async () => {
  const running = await clusterUp({ name: cluster, workers: 2, nodeImage: 'auto', say });
  kubectl = running.kubectl;
  await kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s'], '').catch(() => {});
  await deployOperator(running, say);
});

afterEach(() => kubectl(['delete', 'sandboxruntime', '--all', '--timeout=120s']));

describe('a SandboxRuntime that cannot be', () => {
  it.each([
    ['of an unknown family', { family: 'gviser' }, 'UnknownFamily', 'gvisor'],
    ['of a version without payload', { family: 'gvisor', version: '1' }, 'UnknownVersion', '20260905'],
    [
      'with an unknown variant',
      { family: 'gvisor', handlers: [{ name: 'x', variant: 'kvm' }] },
      'UnknownVariant',
      'gvisor',
    ],
    ['for no node', { family: 'gvisor', nodes: { selector: { pool: 'none' } } }, 'NoEligibleNodes', 'pool'],
  ])('%s says so', async (_, spec, reason, word) => {
    await apply('wrong', spec);
    await waitFor('sandboxruntime/wrong', '.status.conditions[?(@.type=="Ready")].reason', reason);
    const message = await kubectl([
      'get',
      'sandboxruntime',
      'wrong',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Ready")].message}',
    ]);
    expect(message).toContain(word);
  });
});

describe('a node that cannot take the runtime', () => {
  it.each([
    [
      'that its own dump shows',
      `printf '\\n[plugins."io.containerd.cri.v1.runtime"]\\n' >> ${engineConfig}`,
      'Ineligible',
      'ConfigBroken',
    ],
    [
      'that only a start shows',
      `printf '${registryTwice}' >> ${engineConfig}`,
      'Failed',
      'which the running containerd has not read yet',
    ],
  ])('keeps engine and config when that has an unread fault %s', async (_, fault, phase, words) => {
    await onNode(worker, 'cp', engineConfig, saved);
    await onNode(worker, 'sh', '-c', fault);
    const [config, engine] = [await onNode(worker, 'cat', engineConfig), await engineStart(worker)];
    expect(config).not.toBe(await onNode(worker, 'cat', saved));
    try {
      await apply('gvisor', { family: 'gvisor', rollout: { maxUnavailable: '100%' } });
      await waitFor(`sandboxnode/${worker}`, phaseOf('gvisor'), phase);
      await waitFor(`sandboxnode/${other}`, phaseOf('gvisor'), 'Ready');
      expect(await describeNode(worker)).toContain(words);
      expect(await onNode(worker, 'cat', engineConfig)).toBe(config);
      expect(await engineStart(worker)).toBe(engine);
    } finally {
      await onNode(worker, 'mv', saved, engineConfig);
    }
  });

  it.skipIf(hasVirtualization)('is left alone when a runtime needs KVM and its /dev/kvm is of no use', async () => {
    const [files, engine] = [await contentOf(worker), await engineStart(worker)];
    await apply('krun', { family: 'krun' });
    for (const node of [worker, other]) await waitFor(`sandboxnode/${node}`, phaseOf('krun'), 'Ineligible');
    const text = await describeNode(worker);
    expect(text).toContain('NoVirtualization');
    expect(text).toContain('the CPU shows neither vmx nor svm');
    expect(await kubectl(['get', 'nodes', '-l', kvmLabel, '-o', 'name'])).toBe('');
    expect(await contentOf(worker)).toBe(files);
    expect(await engineStart(worker)).toBe(engine);
  });

  it('is left alone when its /opt cannot be written', async () => {
    await onNode(worker, 'sh', '-c', 'mount --bind /opt /opt && mount -o remount,bind,ro /opt');
    const files = await contentOf(worker);
    try {
      await apply('gvisor', { family: 'gvisor' });
      await waitFor(`sandboxnode/${worker}`, phaseOf('gvisor'), 'Ineligible');
      const text = await describeNode(worker);
      expect(text).toContain('ReadOnlyHost');
      expect(await contentOf(worker)).toBe(files);
    } finally {
      await onNode(worker, 'umount', '/opt');
    }
  });
});
