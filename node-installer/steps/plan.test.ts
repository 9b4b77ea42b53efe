// What the plan says is what an install then does, on every host; and the plan itself does nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planText } from '../../crds/node-plan.ts';
import type { NodeReport } from '../../crds/node-report.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { fakeCrioNode } from '../../test/fakes/fake-crio-node.ts';
import { fakeDockerNode } from '../../test/fakes/fake-docker-node.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { k3s } from '../../test/fakes/k3s.ts';
import { readOnly } from '../../test/fakes/read-only.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import { lineDiff } from '../engine/line-diff.ts';

const run = ({ host }: FakeNode, steps: Parameters<typeof runSteps>[3], task = tinyTask()) =>
  runSteps(host, tinyPayload(), task, steps);

/** Plans, and fails if the host could tell. */
async function planFor(node: FakeNode, task = tinyTask()): Promise<NodeReport> {
  const [effects, paths] = [node.host.effects.length, node.host.paths()];
  const [report] = await runSteps(readOnly(node.host), tinyPayload(), task, ['plan']);
  expect(node.host.effects).toHaveLength(effects);
  expect(node.host.paths()).toEqual(paths);
  if (!report) throw new Error('The plan left no report.');
  return report;
}

/** What was planned for a node, and what an install then did to it, in the same words. */
async function plannedAndDone(node: FakeNode, before: NodeTask | undefined, spoil: (node: FakeNode) => unknown) {
  if (before) await run(node, install, before);
  node.host.now += 1000;
  await spoil(node);
  const { plan } = await planFor(node);
  const [effects, restarts] = [node.host.effects.length, node.restarts()];
  const texts = new Map(node.host.paths().map((path) => [path, node.host.text(path)]));
  const reports = await run(node, install);
  const written = node.host.effects.slice(effects).flatMap((effect) => {
    const [, path = ''] = /^(?:replace|removeFile) (.*)$/.exec(effect) ?? [];
    return isOfTheChange(path) ? [path] : [];
  });
  const diffs = written
    .filter((path) => !path.startsWith('/var/lib/bulkhead/'))
    .map((path) => lineDiff({ path, before: texts.get(path), after: node.host.text(path), mode: 0 }))
    .join('');
  return {
    planned: {
      files: plan?.changes.map(({ path }) => path),
      diffs: plan?.details.slice(0, diffs.length),
      staged: plan?.staging !== undefined,
      restarts: plan?.restart && !plan.restart.byReload ? 1 : 0,
    },
    done: { files: written, diffs, staged: reports[1]?.outcome === 'done', restarts: node.restarts() - restarts },
    isWell: reports.every(({ outcome }) => outcome === 'done' || outcome === 'unchanged'),
    left: (await planFor(node)).plan,
  };
}

const nothingLeft = { changes: [], modules: [], unused: [], details: '' };

const config = 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n# the password of a registry is near\n';

const engines: Record<string, () => FakeNode | Promise<FakeNode>> = {
  'containerd 1.7': () => fakeNode('version = 2\n', '1.7'),
  'K3s with a folder for drop-ins': () => fakeNode(undefined, '2.3', k3s({ importsDropIns: true })),
  'K3s with a template': () => fakeNode(undefined, '2.3', k3s({ importsDropIns: false })),
  'CRI-O': () => fakeCrioNode(),
  Docker: () => fakeDockerNode('{"runtimes":{"nvidia":{"path":"/n"}}}'),
};

describe('plan()', () => {
  it('says what a fresh node would get, in words and as a diff', async () => {
    const node = await fakeNode(config);
    const { plan } = await planFor(node);
    const [folder = ''] = /\/opt\/bulkhead\/tiny\/1\.0-\w{12}/.exec(plan?.staging?.folder ?? '') ?? [];
    expect(plan && planText(plan)).toBe(`Would stage 1 file (34 bytes) at ${folder}.
Would create /var/lib/bulkhead/config.toml.original.
Would create /var/lib/bulkhead/containerd.json.
Would create /etc/containerd/bulkhead.d/tiny.toml.
Would change /etc/containerd/config.toml.
Would restart containerd.service: it has to read the changed config.

--- /dev/null
+++ /etc/containerd/bulkhead.d/tiny.toml
@@ -0,0 +1,10 @@
+# Written by Bulkhead for the SandboxRuntime tiny, and removed with it. Changes here are overwritten.
+
+[plugins."io.containerd.cri.v1.runtime".containerd.runtimes."tiny"]
+runtime_type = "io.containerd.runc.v2"
+runtime_path = "${folder}/bin/shim"
+pod_annotations = ["tiny.example/*"]
+
+[plugins."io.containerd.cri.v1.runtime".containerd.runtimes."tiny".options]
+BinaryName = "${folder}/bin/shim"
+SystemdCgroup = false
--- /etc/containerd/config.toml
+++ /etc/containerd/config.toml
@@ -2 +2 @@
-imports = ["/etc/containerd/conf.d/*.toml"]
+imports = ["/etc/containerd/conf.d/*.toml", "/etc/containerd/bulkhead.d/*.toml"]
${folder}/bin/shim (34 bytes)`);
  });

  it('fetches nothing to say what would be staged of an archive', async () => {
    const node = await fakeNode(config);
    const digest = { algorithm: 'sha256', hex: 'a'.repeat(64) } as const;
    const { plan } = await planFor(
      node,
      tinyTask({ sources: [{ kind: 'archive', url: 'https://nowhere.invalid/', digest }] }),
    );
    expect(plan && planText(plan)).toMatch(
      /^Would fetch the payload's sources and stage what is needed of them at \/opt\/bulkhead\/tiny\/1\.0-[0-9a-f]{12}\.\n/,
    );
  });

  it('says that nothing would change where nothing would', async () => {
    const node = await fakeNode(config);
    await run(node, install);
    const { plan } = await planFor(node);
    expect(plan && planText(plan)).toBe('Nothing would change.\nThe engine would not be restarted.');
  });

  it('says which sandboxes would go on, and what would be removed', async () => {
    const node = await fakeNode(config);
    await run(node, install);
    const [old = ''] = await node.host.list('/opt/bulkhead/tiny');
    const update = tinyTask({ generatedFiles: [] });
    expect((await planFor(node, update)).plan).toMatchObject({
      unused: [`/opt/bulkhead/tiny/${old}`],
      sandboxes: { count: 0 },
    });
    const [engine] = node.host.running;
    if (engine)
      node.host.running.push({ ...engine, pid: 9, exe: `/opt/bulkhead/tiny/${old}/bin/shim`, argv: ['shim'] });
    expect((await planFor(node, update)).plan).toMatchObject({
      unused: [],
      sandboxes: { count: 1, first: ['shim (PID 9)'] },
    });
  });

  it('says before that kubelet restarts with the engine', async () => {
    const node = await fakeNode(config);
    const [engine] = node.host.running;
    if (engine) node.host.running.push({ ...engine, pid: 7, exe: '/usr/local/bin/k3s', argv: ['/usr/local/bin/k3s'] });
    const { plan, facts } = await planFor(node);
    expect(plan && planText(plan)).toContain('Would restart containerd.service, and kubelet with it: it has to read');
    expect(facts?.engine?.restartsKubelet).toBe(true);
  });

  it.each<[string, (node: FakeNode) => unknown, string]>([
    ['preflight', ({ host }) => host.put('/etc/containerd/config.toml', 'version = ['), 'ConfigBroken'],
    ['stage', ({ host }) => (host.free = 65 * 1024 * 1024), 'NoDiskSpace'],
  ])('refuses what %s would refuse', async (step, spoil, reason) => {
    const node = await fakeNode(config);
    spoil(node);
    const task = tinyTask();
    const payload = tinyPayload();
    const big = {
      ...payload,
      manifest: async () =>
        Buffer.from(String(await payload.manifest()).replace(/"sizeBytes":\d+/, '"sizeBytes":360000000')),
    };
    const [planned] = await runSteps(node.host, big, task, ['plan']);
    expect(node.host.effects).toEqual([]);
    const real = (await runSteps(node.host, big, task, install)).find((report) => report.step === step);
    expect(planned).toMatchObject({ reason, outcome: real?.outcome, message: real?.message, hint: real?.hint });
    expect(planned?.plan).toBeUndefined();
  });

  it('refuses what the engine’s own binary refuses of the change', async () => {
    const node = await fakeNode(config);
    const onRun = node.host.onRun;
    node.host.onRun = (argv) =>
      argv.some((word) => word.endsWith('candidate'))
        ? { exitCode: 1, stdout: '', stderr: 'containerd: no such plugin\n' }
        : onRun(argv);
    const planned = await planFor(node);
    const activated = (await run(node, install))[2];
    expect(planned).toMatchObject({ outcome: 'failed', reason: 'CandidateRefused', message: activated?.message });
  });

  it('names the files that an install then writes, and the restart that it then makes, on nodes of all kinds', async () => {
    const roots = fc.constantFrom('', 'version = 3\n', config, 'version = 2\n[debug]\n  level = "info"\n');
    const earlier = fc.constantFrom(undefined, tinyTask(), tinyTask({ generatedFiles: [] }));
    const drift = fc.constantFrom<(node: FakeNode) => unknown>(
      () => {},
      ({ host }) => host.removeFile('/etc/containerd/bulkhead.d/tiny.toml'),
      ({ host }) => host.put('/etc/containerd/config.toml', 'version = 3\n'),
      ({ host }) => host.removeFile('/var/lib/bulkhead/containerd.json'),
      ({ host }) => host.removeTree('/opt/bulkhead'),
      ({ host }) => host.answer.kind === 'Answered' && (host.answer = { ...host.answer, handlers: [] }),
    );
    await fc.assert(
      fc.asyncProperty(roots, earlier, drift, async (root, before, spoil) => {
        const { planned, done, isWell, left } = await plannedAndDone(await fakeNode(root), before, spoil);
        expect(planned).toEqual(done);
        expect(isWell).toBe(true);
        expect(left).toMatchObject(nothingLeft);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(Object.entries(engines))('plan() on %s', (_, make) => {
  it.each<[string, NodeTask | undefined, (node: FakeNode) => unknown]>([
    ['new to the runtime', undefined, () => {}],
    ['that has it', tinyTask(), () => {}],
    ['with an earlier version', tinyTask({ generatedFiles: [] }), () => {}],
    ['that lost its files', tinyTask(), ({ host }) => host.removeTree('/opt/bulkhead')],
  ])('says what an install then does on a node %s', async (__, before, spoil) => {
    const { planned, done, isWell, left } = await plannedAndDone(await make(), before, spoil);
    expect(planned).toEqual(done);
    expect(isWell).toBe(true);
    expect(left).toMatchObject(nothingLeft);
  });
});

/** Not of the candidate, of the dead man's switch, and of what is only remembered about the running engine. */
function isOfTheChange(path: string): boolean {
  return path !== '' && !/candidate|\/undo|bulkhead-undo|loaded\.json/.test(path);
}
