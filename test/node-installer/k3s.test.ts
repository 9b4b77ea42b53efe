// A runtime's life on K3s and RKE2: a real containerd runs on what their templates render to, and the restart renders it anew.
import { afterEach, describe, expect, it } from 'vitest';
import type { ContainerdLine } from '../containerd/start-containerd.ts';
import { k3s, type K3s, type K3sKind } from '../fakes/k3s.ts';
import { type ContainedNode, containedNode } from './contained-node.ts';
import { contentsOf } from './contents.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const lines = ['2.0', '2.1', '2.2', '2.3', '2.4'] as const;
const admin3 = `[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.'admin']
  runtime_type = "io.containerd.runc.v2"
`;
const admin2 = admin3.replace('io.containerd.cri.v1.runtime', 'io.containerd.grpc.v1.cri');

type Case = {
  readonly kind: K3sKind;
  /** Files beside the root config, by name, that are there before us. */
  readonly files: Readonly<Record<string, string>>;
  /** Where our handler comes. */
  readonly into: string;
  readonly hasAdmin?: true;
};

const old: K3sKind = { importsDropIns: false };
const recent: K3sKind = { importsDropIns: true };
const rke2: K3sKind = { ...recent, dataFolder: '/var/lib/rancher/rke2', unit: 'rke2-server.service' };

const cases: Record<string, Case> = {
  'that imports drop-ins': { kind: recent, files: {}, into: 'config-v3.toml.d/bulkhead-tiny.toml' },
  'of RKE2, in a folder with other drop-ins': {
    kind: rke2,
    files: { 'config-v3.toml.d/50-admin.toml': admin3 },
    into: 'config-v3.toml.d/bulkhead-tiny.toml',
    hasAdmin: true,
  },
  'without imports and without a template': { kind: old, files: {}, into: 'config-v3.toml.tmpl' },
  "with an admin's template that adds to the base": {
    kind: old,
    files: { 'config-v3.toml.tmpl': `{{ template "base" . }}\n\n${admin3}` },
    into: 'config-v3.toml.tmpl',
    hasAdmin: true,
  },
  "with an admin's template that imports before the base": {
    kind: old,
    files: {
      'config-v3.toml.tmpl':
        'imports = ["/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d/*.toml"]\n\n{{ template "base" . }}',
      'config-v3.toml.d/50-admin.toml': admin3,
    },
    into: 'config-v3.toml.d/bulkhead-tiny.toml',
    hasAdmin: true,
  },
  "with an admin's template that imports behind the base, where it is lost": {
    kind: old,
    files: {
      'config-v3.toml.tmpl':
        '{{ template "base" . }}\nimports = ["/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.d/*.toml"]\n',
    },
    into: 'config-v3.toml.tmpl',
  },
  'with a whole config of its own for a template': {
    kind: old,
    files: {
      'config-v3.toml.tmpl': `version = 3\n[plugins.'io.containerd.nri.v1.nri']\n  disable = true\n${admin3.trimEnd()}`,
    },
    into: 'config-v3.toml.tmpl',
    hasAdmin: true,
  },
  'with a template of schema 2, of the time before': {
    kind: old,
    files: { 'config.toml.tmpl': `{{ template "base" . }}\n${admin2}` },
    into: 'config.toml.tmpl',
    hasAdmin: true,
  },
};

let node: ContainedNode | undefined;
afterEach(async ({ task }) => {
  if (node && task.result?.state === 'fail') console.log(node.log().slice(-6000));
  await node?.stop();
  node = undefined;
});

async function runningNode(line: ContainerdLine, distribution: K3s, files: Case['files']): Promise<ContainedNode> {
  const made = (node = await containedNode(line, undefined, { distribution }));
  for (const [name, text] of Object.entries(files)) made.write(`${distribution.folder}/${name}`, text);
  await made.startEngine();
  return made;
}

const cases1: Record<string, Case> = {
  'without a template': { kind: { importsDropIns: false, schema: 2 }, files: {}, into: 'config.toml.tmpl' },
  'that imports drop-ins, which would replace the handlers of the root': {
    kind: { importsDropIns: true, schema: 2 },
    files: {},
    into: 'config.toml.tmpl',
  },
  "with an admin's template": {
    kind: { importsDropIns: false, schema: 2 },
    files: {
      'config.toml.tmpl': `{{ template "base" . }}\n${admin2}`,
      'config-v3.toml.tmpl': '{{ template "base" . }}\n',
    },
    into: 'config.toml.tmpl',
    hasAdmin: true,
  },
};

const nodes = [
  ...Object.entries(cases1).map(([name, its]) => ({ line: '1.7' as const, name, its })),
  ...lines.flatMap((line) => Object.entries(cases).map(([name, its]) => ({ line, name, its }))),
];

describe('a runtime comes, stays and goes', { timeout: 120_000 }, () => {
  it.each(nodes)('with containerd $line on a K3s $name', async ({ line, its }) => {
    const distribution = k3s(its.kind);
    const made = await runningNode(line, distribution, its.files);
    const before = contentsOf(made, distribution.folder);

    const first = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(first.map(({ outcome, reason, message }) => ({ outcome, reason, message }))).toMatchObject([
      {
        outcome: 'unchanged',
        message: `Adding the handlers restarts ${distribution.unit}: kubelet and, on a server, the API server with it.`,
      },
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'unchanged' },
    ]);
    expect(first[0]?.facts?.distribution).toBe(its.kind.dataFolder ? 'rke2' : 'k3s');
    expect(first.at(-1)?.handlers).toEqual(
      expect.arrayContaining(['runc', 'tiny', ...(its.hasAdmin ? ['admin'] : [])]),
    );
    expect(made.read(`${distribution.folder}/${its.into}`)).toContain('runtimes."tiny"');
    expect(made.restarts()).toBe(1);

    const second = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(second.map(({ outcome }) => outcome)).toEqual(install.map(() => 'unchanged'));
    expect(made.restarts()).toBe(1);

    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([
      { outcome: 'done', engineRestarts: 1 },
    ]);
    expect(contentsOf(made, distribution.folder)).toEqual(before);
    expect(await made.host.askCri(distribution.socket)).toMatchObject({ kind: 'Answered', runtimeReady: true });
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([{ outcome: 'unchanged' }]);
    expect(made.restarts()).toBe(2);
  });
});

describe('K3s', { timeout: 120_000 }, () => {
  it('is asked as containerd, though its program has another name', async () => {
    const program = '/var/lib/rancher/k3s/data/0123/bin/k3s';
    const made = await runningNode('2.3', { ...k3s(recent), program }, {});
    expect((await made.host.processes()).at(-1)?.exe).toBe(program);
    // A program that looks at the name it was called by.
    const run = async (argv: readonly string[]) => {
      if (argv[0]?.endsWith('/k3s'))
        return { exitCode: 1, stdout: '', stderr: 'flag provided but not defined: -config' };
      return made.host.run(argv);
    };
    const reports = await runSteps({ ...made.host, run }, tinyPayload(), tinyTask(), install);
    expect(reports.at(-1)).toMatchObject({
      outcome: 'unchanged',
      handlers: expect.arrayContaining(['tiny']) as unknown,
    });
  });

  it('starts after an upgrade to one that imports drop-ins, with a template of ours', async () => {
    let current = k3s(old);
    const distribution: K3s = { ...current, render: (read) => current.render(read) };
    const made = await runningNode('2.3', distribution, {});
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    current = k3s(recent);
    await made.host.restartService('k3s.service');
    expect(made.read(distribution.configPath)).toContain('\nimports = ');
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports.map(({ outcome }) => outcome)).toEqual(install.map(() => 'unchanged'));
  });

  it('has its template back, and serves, when it does not start with the change', async () => {
    const distribution = k3s(old);
    const text = `{{ template "base" . }}\n\n${admin3}`;
    const made = await runningNode('2.3', distribution, { 'config-v3.toml.tmpl': text });
    made.sabotage = () => {
      if (made.read(`${distribution.folder}/config-v3.toml.tmpl`) !== text) throw new Error('K3s does not start.');
    };
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady', engineRestarts: 2 });
    expect(reports[2]?.message).toContain('with it, k3s.service cannot be restarted');
    expect(made.read(`${distribution.folder}/config-v3.toml.tmpl`)).toBe(text);
    expect(made.read('/var/lib/bulkhead')).toBeUndefined();
    expect(await made.host.askCri(distribution.socket)).toMatchObject({ runtimeReady: true });
  });

  it('has no folder of drop-ins left when the change did not hold', async () => {
    const distribution = k3s(recent);
    const made = await runningNode('2.3', distribution, {});
    const before = contentsOf(made, distribution.folder);
    made.sabotage = () => {
      if (made.read(`${distribution.folder}/config-v3.toml.d/bulkhead-tiny.toml`))
        throw new Error('K3s does not start.');
    };
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), ['preflight', 'stage', 'activate']);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack' });
    await runSteps(made.host, tinyPayload(), tinyTask(), ['remove']);
    expect(contentsOf(made, distribution.folder)).toEqual(before);
  });
});
