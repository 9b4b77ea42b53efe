// What goes wrong on a node with a real containerd: nothing is changed, or the old bytes are back, and the report says so in words.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

const line = '2.3';
const config = `version = 3
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.admin]
  runtime_type = "io.containerd.runc.v2"
`;
const dropIn = '/etc/containerd/bulkhead.d/tiny.toml';

let node: ContainedNode | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

async function runningNode(text: string | undefined = config): Promise<ContainedNode> {
  node = await containedNode(line, text);
  await node.startEngine();
  return node;
}

async function preflightOf({ host }: ContainedNode, task = tinyTask()) {
  const [report] = await runSteps(host, tinyPayload(), task, ['preflight']);
  return report;
}

describe('preflight', { timeout: 60_000 }, () => {
  it('finds a fault in a config that the running engine has not read yet', async () => {
    const made = await runningNode();
    made.write('/etc/containerd/conf.d/later.toml', 'version = 99\n');
    made.write(configPath, config.replace('version = 3', 'version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]'));
    const report = await preflightOf(made);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'ConfigBroken' });
    expect(report?.message).toMatch(/^Cannot use the config .*containerd refuses it \(.*version.*\)\.$/);
    expect(made.restarts()).toBe(0);
  });

  it('finds a missing import that the dump hides', async () => {
    const made = await runningNode();
    made.write(configPath, config.replace('version = 3', 'version = 3\nimports = ["/etc/gone.toml"]'));
    expect(await preflightOf(made)).toMatchObject({
      outcome: 'ineligible',
      reason: 'ConfigBroken',
      message: 'Cannot use the config /etc/containerd/config.toml: it imports /etc/gone.toml, which is not there.',
    });
  });

  it('finds a byte order mark, which containerd 2.x takes for a part of the first key', async () => {
    const made = await runningNode();
    made.write(configPath, `\uFEFF${config}`);
    expect(await preflightOf(made)).toMatchObject({ outcome: 'ineligible', reason: 'ConfigBroken' });
  });

  it('finds a default runtime that is not there', async () => {
    const made = await runningNode();
    made.write(
      configPath,
      `${config}[plugins."io.containerd.cri.v1.runtime".containerd]\n  default_runtime_name = "gone"\n`,
    );
    expect(await preflightOf(made)).toMatchObject({
      reason: 'ConfigBroken',
      message: 'Cannot use the config /etc/containerd/config.toml: its default runtime gone is not among its runtimes.',
    });
  });

  it('names the file that already defines the handler, and takes no longer name for it', async () => {
    const made = await runningNode(config.replace('runtimes.admin', 'runtimes.tiny'));
    expect(await preflightOf(made)).toMatchObject({
      outcome: 'ineligible',
      reason: 'HandlerConflict',
      message: 'Cannot add the handler tiny: /etc/containerd/config.toml already defines one of that name.',
    });
    made.write(configPath, config.replace('runtimes.admin', 'runtimes.tiny-too'));
    expect(await preflightOf(made)).toMatchObject({ outcome: 'unchanged' });
  });

  it('says of an engine without a CRI what is wrong with its config, where that can be told', async () => {
    const broken = `${config}[plugins."io.containerd.cri.v1.runtime".containerd]\n  default_runtime_name = "gone"\n`;
    expect(await preflightOf(await runningNode(broken))).toMatchObject({
      outcome: 'ineligible',
      reason: 'ConfigBroken',
      message: 'Cannot use the config /etc/containerd/config.toml: its default runtime gone is not among its runtimes.',
    });
  });

  it('says that an engine has no CRI', async () => {
    const made = await runningNode(`${config}base_runtime_spec = "/etc/gone.json"\n`);
    expect(await preflightOf(made)).toMatchObject({
      outcome: 'ineligible',
      reason: 'CriUnavailable',
      message:
        'Cannot reach the CRI of containerd at /run/containerd/containerd.sock: it runs, but its CRI did not start (unknown service runtime.v1.RuntimeService).',
      hint: 'Look at the log of containerd.service on the node.',
    });
  });

  it('says that the CRI is off', async () => {
    const made = await runningNode();
    made.write(configPath, `disabled_plugins = ["io.containerd.grpc.v1.cri"]\n${config}`);
    expect(await preflightOf(made)).toMatchObject({
      outcome: 'ineligible',
      reason: 'CriDisabled',
      hint: 'Take it out of disabled_plugins and restart containerd.',
    });
  });
});

describe('activate', { timeout: 120_000 }, () => {
  it('puts the old bytes back when the engine does not start with the new ones', async () => {
    const made = await runningNode();
    made.sabotage = () => {
      if (made.read(dropIn) !== undefined) throw new Error('The engine does not start with our drop-in.');
    };
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady', engineRestarts: 2 });
    expect(reports[2]?.message).toMatch(
      /^Cannot keep the changed config of containerd: with it, containerd\.service cannot be restarted \(.+\)\. The old config is back and the engine runs on it\.$/,
    );
    expect(reports[3]).toMatchObject({ outcome: 'skipped', reason: 'EngineNotReady' });
    expect(made.read(configPath)).toBe(config);
    expect(made.read(dropIn)).toBeUndefined();
    expect(made.read('/var/lib/bulkhead/containerd.json')).toBeUndefined();
    expect(await made.host.askCri('/run/containerd/containerd.sock')).toMatchObject({ runtimeReady: true });
  });

  it('knows that an engine which could not be restarted still runs as before', async () => {
    const made = await runningNode();
    const host = { ...made.host, restartService: async () => ({ exitCode: 1, stdout: '', stderr: 'no systemd here' }) };
    const reports = await runSteps(host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'EngineNotReady' });
    expect(made.read(configPath)).toBe(config);
  });

  it('puts the drop-in of before back when an update does not hold, and its handler is still listed', async () => {
    const made = await runningNode();
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    const before = made.read(dropIn);
    made.sabotage = () => {
      if (made.read(dropIn) !== before) throw new Error('The engine does not start with the update.');
    };
    const update = tinyTask({ generatedFiles: [{ path: 'tiny.toml', text: 'folder = "{dir}/new"\n' }] });
    const reports = await runSteps(made.host, tinyPayload(), update, install);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'rolledBack', 'skipped']);
    expect(made.read(dropIn)).toBe(before);
    expect(await made.host.askCri('/run/containerd/containerd.sock')).toMatchObject({
      handlers: expect.arrayContaining(['tiny', 'admin', 'runc']) as unknown,
    });
  });

  it('changes nothing when a shim cannot run on the node', async () => {
    const made = await runningNode();
    const reports = await runSteps(made.host, tinyPayload({ 'bin/shim': '#!/no/such/loader\n' }), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'failed', reason: 'ShimNotRunnable' });
    expect(made.read(configPath)).toBe(config);
    expect(made.restarts()).toBe(0);
  });

  it('does nothing without a stage before it', async () => {
    const made = await runningNode();
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['activate'])).toMatchObject([
      { outcome: 'failed', reason: 'PayloadMissing' },
    ]);
    expect(made.read(configPath)).toBe(config);
  });

  it('restarts an engine that is older than its config, once', async () => {
    const made = await runningNode();
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    made.write('/etc/containerd/bulkhead.d/another.toml', '# nothing\n');
    const reports = await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(reports[2]).toMatchObject({ outcome: 'done', engineRestarts: 1 });
    expect((await runSteps(made.host, tinyPayload(), tinyTask(), install))[2]).toMatchObject({ outcome: 'unchanged' });
  });
});

describe('stage', { timeout: 60_000 }, () => {
  it('repairs a folder in which a file was changed', async () => {
    const made = await runningNode();
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    const folder = /(\/opt\/bulkhead\/tiny\/[^/"]+)\//.exec(made.read(dropIn) ?? '')?.[1] ?? '';
    made.write(`${folder}/bin/shim`, '#!/bin/sh\necho other\n');
    chmodSync(made.at(`${folder}/bin/shim`), 0o755);
    expect((await runSteps(made.host, tinyPayload(), tinyTask(), install)).map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'done',
      'unchanged',
      'unchanged',
    ]);
    expect(made.read(`${folder}/bin/shim`)).toContain('a shim of the test');
    rmSync(made.at(`${folder}/tiny.toml`));
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['stage'])).toMatchObject([{ outcome: 'done' }]);
  });
});

describe('remove', { timeout: 60_000 }, () => {
  it('waits while a process runs from the payload, unless it is forced', async () => {
    const made = await runningNode();
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    const shim = /runtime_path = "(.+)"/.exec(made.read(dropIn) ?? '')?.[1] ?? '';
    const sandbox = spawn('sleep', ['60'], { argv0: shim });
    const real = made.host.processes;
    const host = {
      ...made.host,
      processes: async () => [
        ...(await real()),
        { pid: sandbox.pid ?? 0, identity: 'x', argv: [shim], cgroups: [], nested: true, startedMs: 0 },
      ],
    };
    try {
      expect(await runSteps(host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([
        {
          outcome: 'blocked',
          reason: 'SandboxesRunning',
          message: `Cannot remove tiny: 1 process on the node runs from /opt/bulkhead/tiny (PID ${sandbox.pid}).`,
        },
      ]);
      expect(made.restarts()).toBe(1);
      expect(await runSteps(host, tinyPayload(), tinyTask({ force: true }), ['remove'])).toMatchObject([
        { outcome: 'done' },
      ]);
    } finally {
      sandbox.kill();
      await once(sandbox, 'exit');
    }
  });

  it('takes out its own edit alone when an admin has edited the file meanwhile', async () => {
    const made = await runningNode();
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    const edited = made.read(configPath)?.replace('version = 3\n', 'version = 3\noom_score = 0 # new\n') ?? '';
    made.write(configPath, edited);
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(made.read(configPath)).toBe(config.replace('version = 3\n', 'version = 3\noom_score = 0 # new\n'));
  });

  it('leaves the other runtime alone, and the import as long as one needs it', async () => {
    const made = await runningNode();
    const [handler] = tinyTask().handlers;
    if (!handler) throw new Error('The task has no handler.');
    const other = tinyTask({ runtime: 'tiny-two', handlers: [{ ...handler, name: 'tiny-two' }] });
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    await runSteps(made.host, tinyPayload(), other, install);
    expect(await runSteps(made.host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect((await runSteps(made.host, tinyPayload(), other, install)).map(({ outcome }) => outcome)).toEqual(
      install.map(() => 'unchanged'),
    );
    expect(await runSteps(made.host, tinyPayload(), other, ['remove'])).toMatchObject([{ outcome: 'done' }]);
    expect(made.read(configPath)).toBe(config);
    expect(made.read('/opt/bulkhead')).toBeUndefined();
  });
});
