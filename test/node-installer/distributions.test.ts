// A runtime's life on k0s, which restarts its containerd by itself, and on MicroK8s, which renders a template with variables.
import { afterEach, describe, expect, it } from 'vitest';
import type { ContainerdLine } from '../containerd/start-containerd.ts';
import type { FakeDistribution } from '../fakes/distribution.ts';
import { k0s, k0sFolder } from '../fakes/k0s.ts';
import { microk8s, microk8sTemplate, microk8sText } from '../fakes/microk8s.ts';
import { type ContainedNode, containedNode } from './contained-node.ts';
import { contentsOf } from './contents.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const admin = `[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.admin]
  runtime_type = "io.containerd.runc.v2"
`;
const snap = '/var/snap/microk8s/8765/args';

let node: ContainedNode | undefined;
afterEach(async ({ task }) => {
  if (node && task.result?.state === 'fail') console.log(node.log().slice(-6000));
  await node?.stop();
  node = undefined;
});

async function runningNode(line: ContainerdLine, distribution: FakeDistribution): Promise<ContainedNode> {
  node = await containedNode(line, undefined, { distribution });
  await node.startEngine();
  return node;
}

const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });

describe('a runtime comes, changes and goes', { timeout: 180_000 }, () => {
  it.each(['2.0', '2.2', '2.3', '2.4'] as const)(
    'on k0s with containerd %s, of which nothing else is restarted',
    async (line) => {
      const distribution = { ...k0s('1.36'), files: { [`${k0sFolder}/admin.toml`]: admin } };
      const made = await runningNode(line, distribution);
      const before = contentsOf(made);

      const first = await runSteps(made.host, tinyPayload(), tinyTask(), install);
      expect(first.map(({ outcome, message }) => [outcome, message])).toEqual([
        ['unchanged', undefined],
        ['done', undefined],
        ['done', undefined],
        ['unchanged', undefined],
      ]);
      expect(first.at(-1)?.handlers).toEqual(expect.arrayContaining(['runc', 'tiny', 'admin']));
      expect(first[0]?.facts).toMatchObject({ distribution: 'k0s' });
      expect(made.read(`${k0sFolder}/bulkhead-tiny.toml`)).not.toMatch(/version|grpc/);

      const [pid] = (await made.host.processes()).slice(-1).map((process) => process.pid);
      expect((await runSteps(made.host, tinyPayload(), update, install))[2]).toMatchObject({ outcome: 'done' });
      expect((await made.host.processes()).at(-1)?.pid).not.toBe(pid);
      const again = await runSteps(made.host, tinyPayload(), update, install);
      expect(again.map(({ outcome }) => outcome)).toEqual(install.map(() => 'unchanged'));

      expect(await runSteps(made.host, tinyPayload(), update, ['remove'])).toMatchObject([{ outcome: 'done' }]);
      expect(contentsOf(made)).toEqual(before);
      expect(await made.host.askCri(distribution.socket)).toMatchObject({ kind: 'Answered', runtimeReady: true });
      expect(made.restarts()).toBe(0);
    },
  );

  it.each(['1.7', '2.1', '2.3'] as const)('on MicroK8s with containerd %s', async (line) => {
    const made = await runningNode(line, microk8s);
    const before = contentsOf(made, snap);
    const first = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(first.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['unchanged', undefined],
      ['done', undefined],
      ['done', undefined],
      ['unchanged', undefined],
    ]);
    expect(first[0]?.facts).toMatchObject({ distribution: 'microk8s' });
    expect(first.at(-1)?.handlers).toEqual(expect.arrayContaining(['runc', 'kata', 'tiny']));
    expect(made.read(microk8sTemplate)?.startsWith(microk8sText)).toBe(true);
    expect((await runSteps(made.host, tinyPayload(), update, install))[2]).toMatchObject({ outcome: 'done' });
    expect(await runSteps(made.host, tinyPayload(), update, ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(contentsOf(made, snap)).toEqual(before);
    expect(made.restarts()).toBe(3);
  });
});

describe('k0s', { timeout: 120_000 }, () => {
  it('has its folder as it was, and serves, when containerd does not start with the change', async () => {
    const distribution = { ...k0s('1.36'), files: { [`${k0sFolder}/admin.toml`]: admin } };
    const made = await runningNode('2.3', distribution);
    made.sabotage = () => {
      if (made.read(`${k0sFolder}/bulkhead-tiny.toml`) !== undefined) throw new Error('containerd does not start.');
    };
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady' });
    expect(await made.host.list(k0sFolder)).toEqual(['admin.toml']);
    expect(await made.host.askCri(distribution.socket)).toMatchObject({ runtimeReady: true });
  });

  it('of before 1.36 is refused, since what it would read keeps 1.36 from starting', async () => {
    const made = await runningNode('1.7', {
      ...k0s('1.35'),
      files: { '/run/k0s/containerd-cri.toml': 'version = 2\n' },
    });
    expect((await runSteps(made.host, tinyPayload(), tinyTask(), ['preflight']))[0]).toMatchObject({
      outcome: 'ineligible',
      reason: 'UnsupportedDistribution',
      message:
        'Cannot add handlers to /etc/k0s/containerd.toml: the distribution writes it, and lets no drop-in and no template in.',
      hint: 'Upgrade k0s to 1.36 or later: a drop-in that earlier ones read would keep 1.36 from starting.',
    });
  });
});

describe('MicroK8s', { timeout: 120_000 }, () => {
  it('has a handler kata of its own, which is not taken over', async () => {
    const made = await runningNode('2.3', microk8s);
    const [handler] = tinyTask().handlers;
    const task = tinyTask({ handlers: handler ? [{ ...handler, name: 'kata' }] : [] });
    expect((await runSteps(made.host, tinyPayload(), task, ['preflight']))[0]).toMatchObject({
      reason: 'HandlerConflict',
      message: `Cannot add the handler kata: ${microk8s.configPath} already defines one of that name.`,
    });
  });
});
