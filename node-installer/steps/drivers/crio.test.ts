import { describe, expect, it } from 'vitest';
import { crioPackageFile, fakeCrioNode } from '../../../test/fakes/fake-crio-node.ts';
import type { FakeNode } from '../../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../../test/node-installer/tiny-payload.ts';

const dropIn = '/etc/crio/crio.conf.d/90-bulkhead-tiny.conf';

async function stepsOn({ host }: FakeNode, steps: Parameters<typeof runSteps>[3], task = tinyTask()) {
  return runSteps(host, tinyPayload(), task, steps);
}

async function outcomesOn(node: FakeNode, steps: Parameters<typeof runSteps>[3], task = tinyTask()) {
  return (await stepsOn(node, steps, task)).map(({ outcome, message }) => message ?? outcome);
}

function withName(name: string, task = tinyTask()) {
  return task.handlers.map((handler) => ({ ...handler, name }));
}

describe('a life on CRI-O', () => {
  it('is one drop-in, one restart, and nothing left', async () => {
    const node = await fakeCrioNode();
    const paths = node.host.paths();
    expect(await outcomesOn(node, install)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    const folder = /"(\/opt\/bulkhead\/tiny\/[^/]+)\//.exec(node.host.text(dropIn) ?? '')?.[1];
    expect(node.host.text(dropIn)).toBe(`\
# Written by Bulkhead for the SandboxRuntime tiny, and removed with it. Changes here are overwritten.

[crio.runtime.runtimes.tiny]
runtime_path = "${folder}/bin/shim"
runtime_type = "oci"
runtime_root = "/run/tiny"
`);
    expect(node.restarts()).toBe(1);
    expect(await outcomesOn(node, install)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(await outcomesOn(node, ['remove'])).toEqual(['done']);
    expect(node.restarts()).toBe(2);
    expect(node.host.paths()).toEqual(paths);
  });

  it('goes by the folder that the process was told, and takes away the one that it had to make', async () => {
    const node = await fakeCrioNode({ '/etc/crio/other.conf': '' }, [
      '/usr/bin/crio',
      '-c',
      '/etc/crio/other.conf',
      '--config-dir=/etc/crio/more',
    ]);
    const paths = node.host.paths();
    expect(await outcomesOn(node, install)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(node.host.text('/etc/crio/more/90-bulkhead-tiny.conf')).toContain('runtimes.tiny');
    await stepsOn(node, install, tinyTask({ runtime: 'second', handlers: withName('second') }));
    expect(await outcomesOn(node, ['remove'])).toEqual(['done']);
    expect(await outcomesOn(node, ['remove'], tinyTask({ runtime: 'second', handlers: withName('second') }))).toEqual([
      'done',
    ]);
    expect(node.host.paths()).toEqual(paths);
  });

  it('keeps a handler that was dropped while a sandbox lives, and drops it afterwards', async () => {
    const node = await fakeCrioNode();
    await stepsOn(node, install);
    const only = tinyTask({ handlers: withName('other') });
    const shim = {
      ...node.host.running[0]!,
      pid: 7,
      exe: '/opt/bulkhead/tiny/1/bin/shim',
      argv: ['shim'],
      nested: true,
    };
    node.host.running = [...node.host.running, shim];
    const before = node.host
      .text(dropIn)
      ?.split('\n')
      .filter((line) => line.startsWith('runtime_path'));
    expect(await outcomesOn(node, install, only)).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
    expect(node.host.answer).toMatchObject({ handlers: ['crun', 'other', 'tiny'] });
    expect(node.host.text(dropIn)).toContain(`[crio.runtime.runtimes.tiny]\n${before?.[0]}\n`);
    node.host.running = node.host.running.filter(({ pid }) => pid !== 7);
    expect(await outcomesOn(node, install, only)).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
    expect(node.host.answer).toMatchObject({ handlers: ['crun', 'other'] });
  });
});

describe('preflight on CRI-O', () => {
  it.each([
    [
      'a stray file that is no TOML, whatever its name',
      { '/etc/crio/crio.conf.d/10-crio.conf.bak': 'x = [' },
      'ConfigBroken',
      'Cannot use the config of CRI-O: /etc/crio/crio.conf.d/10-crio.conf.bak is not valid TOML (Invalid TOML document: unfinished array).',
    ],
    [
      'a handler of that name in a folder below',
      { '/etc/crio/crio.conf.d/more/a': '[crio.runtime.runtimes.tiny]\n' },
      'HandlerConflict',
      'Cannot add the handler tiny: /etc/crio/crio.conf.d/more/a already defines one of that name.',
    ],
  ])('refuses %s, and writes nothing', async (_, files, reason, message) => {
    const node = await fakeCrioNode();
    for (const [path, text] of Object.entries(files)) node.host.put(path, text);
    const [report] = await stepsOn(node, ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason, message });
    expect(node.host.effects).toEqual([]);
  });

  it('takes a longer name for another one', async () => {
    const node = await fakeCrioNode({ [crioPackageFile]: '[crio.runtime.runtimes.tiny-too]\nruntime_path = "/x"\n' });
    expect(await stepsOn(node, ['preflight'])).toMatchObject([{ outcome: 'unchanged' }]);
  });

  it('refuses a shim that CRI-O would leave out because of its name', async () => {
    const node = await fakeCrioNode();
    const handlers = tinyTask().handlers.map((handler) => ({ ...handler, runtimeType: 'io.containerd.runsc.v1' }));
    expect(await stepsOn(node, ['preflight'], tinyTask({ handlers }))).toMatchObject([
      {
        outcome: 'ineligible',
        reason: 'EngineCannotRun',
        message:
          'Cannot run tiny with CRI-O: its shim is called shim, and CRI-O runs only shims called containerd-shim-…-v2.',
      },
    ]);
  });

  it('says what CRI-O says about its config', async () => {
    const node = await fakeCrioNode();
    node.host.onRun = () => ({ exitCode: 1, stdout: '', stderr: 'level=info msg="x"\nlevel=fatal msg="no good"\n' });
    expect(await stepsOn(node, ['preflight'])).toMatchObject([
      {
        reason: 'ConfigBroken',
        message: 'Cannot use the config of CRI-O: it refuses it (level=fatal msg="no good").',
      },
    ]);
  });

  it('finds a default runtime whose program is gone', async () => {
    const node = await fakeCrioNode();
    const stdout = '[crio.runtime]\ndefault_runtime = "a"\n[crio.runtime.runtimes.a]\nruntime_path = "/gone"\n';
    node.host.onRun = () => ({ exitCode: 0, stdout, stderr: '' });
    expect(await stepsOn(node, ['preflight'])).toMatchObject([
      { message: 'Cannot use the config of CRI-O: its default runtime /gone is not there.' },
    ]);
  });
});

describe('activate on CRI-O', () => {
  it('puts everything back when the handler does not come', async () => {
    const node = await fakeCrioNode();
    const paths = node.host.paths();
    const restart = node.host.onRestart;
    node.host.onRestart = async (unit) => {
      const done = await restart(unit);
      if (node.host.answer.kind === 'Answered') node.host.answer = { ...node.host.answer, handlers: ['crun'] };
      return done;
    };
    const reports = await stepsOn(node, install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'HandlerMissing', engineRestarts: 2 });
    expect(node.host.paths().filter((path) => !path.startsWith('/opt/bulkhead'))).toEqual(paths);
  });

  it('changes nothing when CRI-O would not see the handler as it is written', async () => {
    const node = await fakeCrioNode();
    const real = node.host.onRun;
    node.host.onRun = async (argv) => {
      const { stdout, ...rest } = await real(argv);
      return { ...rest, stdout: stdout.replace('"oci"\nruntime_root', '"vm"\nruntime_root') };
    };
    const reports = await stepsOn(node, install);
    expect(reports[2]).toMatchObject({
      outcome: 'failed',
      reason: 'CandidateUnfit',
      message: 'Cannot change the config of CRI-O: it would not see runtime_type of tiny.',
    });
    expect(node.host.text(dropIn)).toBeUndefined();
    expect(node.restarts()).toBe(0);
  });
});
