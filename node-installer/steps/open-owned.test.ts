// Distributions that own their config, on a fake host: what is refused, and that crashes converge as on a plain node.
import { describe, expect, it } from 'vitest';
import { k0s, k0sFolder } from '../../test/fakes/k0s.ts';
import { k3s } from '../../test/fakes/k3s.ts';
import { microk8s, microk8sTemplate } from '../../test/fakes/microk8s.ts';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import type { FakeDistribution } from '../../test/fakes/distribution.ts';
import type { NodeTask } from '../../crds/node-task.ts';

const [old, recent] = [k3s({ importsDropIns: false }), k3s({ importsDropIns: true })];
const template = `${old.folder}/config-v3.toml.tmpl`;
const admins = '{{ template "base" . }}\n\n[debug]\n  level = "info"\n';
const [tiny] = tinyTask().handlers;
if (!tiny) throw new Error('The task has no handler.');
const other = tinyTask({ runtime: 'tiny-two', handlers: [{ ...tiny, name: 'tiny-two' }] });

const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });

async function nodeWith(distribution: FakeDistribution, files: Readonly<Record<string, string>>): Promise<FakeNode> {
  // The templates are there before the first start.
  const render: FakeDistribution['render'] = (read) =>
    distribution.render((path) => read(path) ?? (isFirst ? files[path] : undefined));
  let isFirst = true;
  const node = await fakeNode('', '2.3', { ...distribution, render });
  isFirst = false;
  node.host.now -= 2000;
  for (const [path, text] of Object.entries(files)) node.host.put(path, text);
  node.host.now += 2000;
  return node;
}

const run = ({ host }: FakeNode, task: NodeTask, steps: Parameters<typeof runSteps>[3] = install) =>
  runSteps(host, tinyPayload(), task, steps);
const outcomes = async (node: FakeNode, task: NodeTask) => (await run(node, task)).map(({ outcome }) => outcome);

describe('preflight on K3s', () => {
  it('tells what its restart takes along, also among the facts', async () => {
    const [report] = await run(
      await nodeWith(k3s({ importsDropIns: true, unit: 'k3s-agent.service' }), {}),
      tinyTask(),
    );
    expect(report?.message).toBe(
      'Adding the handlers restarts k3s-agent.service: kubelet and, on a server, the API server with it.',
    );
    expect(report?.facts?.engine?.restartsKubelet).toBe(true);
  });

  it.each([
    [
      'a stub that leaves out what is built in',
      { [template]: 'imports = ["/etc/containerd/conf.d/*.toml"]\nversion = 3\n' },
      'ConfigBroken',
      `Cannot use the template ${template}: it sets none of the engine's plugins, and leaves out what is built in.`,
    ],
    [
      'a template that was changed after it had been rendered',
      { [template]: admins },
      'ConfigUnread',
      `Cannot tell what ${old.configPath} will be: ${template} was changed after it had been rendered.`,
    ],
    [
      'a template of another schema that the next start would take',
      { [`${old.folder}/config.toml.tmpl`]: '{{ template "base" . }}\n' },
      'ConfigUnread',
      `Cannot tell what ${old.configPath} will be: ${old.folder}/config.toml.tmpl was changed after it had been rendered.`,
    ],
  ])('refuses %s, and writes nothing', async (_, files, reason, message) => {
    const node = await fakeNode('', '2.3', old);
    for (const [path, text] of Object.entries(files)) node.host.put(path, text);
    const [report] = await run(node, tinyTask(), ['preflight']);
    expect(report).toMatchObject({
      outcome: 'ineligible',
      reason,
      message,
      hint: expect.stringMatching(/\.$/) as unknown,
    });
    expect(node.host.effects).toEqual([]);
  });

  it('takes a template that it cannot follow, once the engine is younger', async () => {
    const node = await nodeWith(old, { [template]: `{{- if .NodeConfig }}${admins}{{- end }}` });
    expect(await outcomes(node, tinyTask())).toEqual(['unchanged', 'done', 'done', 'unchanged']);
  });

  it('knows the handler of a template for one that is not ours', async () => {
    const node = await nodeWith(old, {
      [template]: `${admins}[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.tiny]\nruntime_type = "x"\n`,
    });
    expect((await run(node, tinyTask()))[0]).toMatchObject({
      reason: 'HandlerConflict',
      message: `Cannot add the handler tiny: ${old.configPath} already defines one of that name.`,
    });
  });
});

describe('a template that an admin changes later', () => {
  const edit = ({ host }: FakeNode) => host.put(template, `${host.text(template)}\n[metrics]\n  address = "x"\n`);

  it('changes nothing about a node that is as it should be', async () => {
    const node = await nodeWith(old, { [template]: admins });
    await run(node, tinyTask());
    edit(node);
    expect(await outcomes(node, tinyTask())).toEqual(install.map(() => 'unchanged'));
    expect(await run(node, tinyTask(), ['verify'])).toMatchObject([{ outcome: 'unchanged' }]);
  });

  it('is in use before anything else changes, and stays', async () => {
    const node = await nodeWith(old, { [template]: admins });
    await run(node, tinyTask());
    edit(node);
    const restarts = node.restarts();
    expect((await run(node, update))[2]).toMatchObject({ outcome: 'failed', reason: 'ConfigUnread' });
    expect(await run(node, tinyTask(), ['remove'])).toMatchObject([{ outcome: 'failed', reason: 'ConfigUnread' }]);
    expect(node.restarts()).toBe(restarts);
    await node.host.restartService('k3s.service');
    expect((await run(node, update))[2]).toMatchObject({ outcome: 'done' });
    expect(await run(node, update, ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(node.host.text(template)).toBe(`${admins}\n[metrics]\n  address = "x"\n`);
  });
});

describe('a restart of K3s', () => {
  it('is waited for longer than for one of containerd alone, and systemctl need not have seen its end', async () => {
    const node = await nodeWith(recent, {});
    const { onRestart, sleep } = node.host;
    node.host.onRestart = async (unit) => {
      await onRestart(unit);
      const { answer } = node.host;
      const servesAt = node.host.now + 140_000;
      node.host.now += 100_000;
      node.host.answer = { kind: 'Silent', why: 'starting' };
      node.host.sleep = async (ms) => {
        await sleep(ms);
        if (node.host.now >= servesAt) node.host.answer = answer;
      };
      return { exitCode: 124, stdout: '', stderr: '' };
    };
    let timer: string | undefined;
    node.host.onSystemctl = ([word]) => {
      if (word === 'restart') timer = node.host.text('/etc/systemd/system/bulkhead-undo.timer');
      return { exitCode: 0, stdout: '', stderr: '' };
    };
    expect((await run(node, tinyTask()))[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect(timer).toContain('OnActiveSec=210\n');
  });
});

describe('k0s', () => {
  it('is not restarted where it restarts containerd by itself', async () => {
    const node = await nodeWith(k0s('1.36'), { [`${k0sFolder}/admin.toml`]: '' });
    const { sleep, onRestart } = node.host;
    let reloads = 0;
    node.host.sleep = async (ms) => {
      await sleep(ms);
      if (reloads > 0 || !node.host.text(`${k0sFolder}/bulkhead-tiny.toml`)) return;
      reloads += 1;
      await onRestart('');
    };
    const reports = await run(node, tinyTask());
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(reports[0]?.message).toBeUndefined();
    expect(node.host.effects).not.toContain('restart k0sworker.service');
    expect(reloads).toBe(1);
  });

  it('that leaves its root to the admin has it edited as any other', async () => {
    const root = 'version = 3\n';
    const node = await nodeWith({ ...k0s('1.36'), render: (read) => read('/etc/k0s/containerd.toml') ?? root }, {});
    await run(node, tinyTask());
    expect(node.host.text('/etc/k0s/containerd.toml')).toContain('/etc/containerd/bulkhead.d/*.toml');
    await run(node, tinyTask(), ['remove']);
    expect(node.host.text('/etc/k0s/containerd.toml')).toBe(root);
  });
});

describe('MicroK8s', () => {
  it('is refused without its template, which is not ours to make', async () => {
    const node = await nodeWith(microk8s, {});
    await node.host.removeFile(microk8sTemplate);
    const [report] = await run(node, tinyTask(), ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'UnsupportedDistribution' });
    expect(report?.hint).toBe(`Put ${microk8sTemplate} back; MicroK8s does not start without it.`);
  });
});

describe('a template of ours', () => {
  it('is shared by the runtimes of a node, and goes with the last', async () => {
    const node = await nodeWith(old, {});
    const before = node.host.paths();
    await run(node, tinyTask());
    expect((await run(node, other))[3]?.handlers).toEqual(expect.arrayContaining(['tiny', 'tiny-two']));
    expect(await run(node, tinyTask(), ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(await outcomes(node, other)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(await run(node, other, ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(node.host.paths()).toEqual(before);
  });

  it('takes along the block of another runtime whose install was cut off', async () => {
    const node = await nodeWith(old, {});
    node.host.onRestart = ((start) => async (unit: string) => {
      node.host.onRestart = start;
      throw new Error(`The machine died before the restart of ${unit}.`);
    })(node.host.onRestart);
    await expect(run(node, other)).rejects.toThrow('died');
    expect(await outcomes(node, tinyTask())).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(await outcomes(node, other)).not.toContain('failed');
    expect((await run(node, other))[3]?.handlers).toEqual(expect.arrayContaining(['tiny', 'tiny-two']));
  });

  it('is moved on when K3s takes another template', async () => {
    const two = `${old.folder}/config.toml.tmpl`;
    const node = await nodeWith(old, { [two]: '{{ template "base" . }}\n' });
    await run(node, tinyTask());
    expect(node.host.text(two)).toContain('tiny');
    node.host.put(template, admins);
    await node.host.restartService('k3s.service');
    expect(await outcomes(node, tinyTask())).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
    expect(node.host.text(two)).toBe('{{ template "base" . }}\n');
    expect(node.host.text(template)).toContain('tiny');
  });
});

const nodes: Record<string, () => Promise<FakeNode>> = {
  'a K3s that imports drop-ins': () => nodeWith(recent, {}),
  'a K3s without a template': () => nodeWith(old, {}),
  "a K3s with an admin's template": () => nodeWith(old, { [template]: admins }),
  'a MicroK8s': () => nodeWith(microk8s, {}),
  'a k0s that does not see the change of its folder': () => nodeWith(k0s('1.36'), {}),
};
const changes: [string, readonly NodeTask[], NodeTask, Parameters<typeof runSteps>[3]][] = [
  ['an install', [], tinyTask(), install],
  ['an update', [tinyTask()], update, install],
  ['a removal', [tinyTask()], tinyTask(), ['remove']],
  ['the removal of one of two', [tinyTask(), other], tinyTask(), ['remove']],
];

/** All that is on the host but the note that spares a look at the clocks. */
function contents({ host }: FakeNode): [string, string | undefined][] {
  const paths = host.paths().filter((path) => !path.endsWith('/loaded.json'));
  return paths.map((path) => [path, host.text(path)]);
}

describe.each(Object.entries(nodes))('on %s', (_, make) => {
  it.each(changes)('%s converges from a crash before any of its effects', async (_name, before, task, steps) => {
    const prepared = async () => {
      const node = await make();
      for (const earlier of before) await run(node, earlier);
      return node;
    };
    const whole = await prepared();
    await run(whole, task, steps);
    let crashes = 0;
    for (let isCrash = true; isCrash; crashes += 1) {
      const node = await prepared();
      node.host.crashAfter = crashes;
      isCrash = await run(node, task, steps).then(
        () => false,
        () => true,
      );
      node.host.crashAfter = undefined;
      const reports = await run(node, task, steps);
      expect(reports.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged')).toEqual([]);
      expect(contents(node)).toEqual(contents(whole));
      expect(node.host.answer).toEqual(whole.host.answer);
    }
    expect(crashes).toBeGreaterThan(5);
  });

  it('an install and a removal leave every byte as it was', async () => {
    const node = await make();
    const before = contents(node);
    for (let round = 0; round < 10; round += 1) {
      await run(node, tinyTask());
      await run(node, tinyTask(), ['remove']);
    }
    expect(contents(node)).toEqual(before);
    expect(node.restarts()).toBe(20);
  });
});
