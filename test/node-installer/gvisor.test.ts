// gVisor as the catalogue has it, from its real files: staged, listed by a real engine, and gone again.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type ContainedDocker, containedDocker } from './contained-docker.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { gvisorFromCatalogue } from './gvisor-from-catalogue.ts';
import { install, runSteps } from './run-steps.ts';

let node: ContainedNode | ContainedDocker | undefined;
afterEach(async () => {
  await node?.stop();
  node = undefined;
});

describe.runIf(process.arch === 'x64')('gVisor from the catalogue', { timeout: 180_000 }, () => {
  it.each(['2.0', '2.4'] as const)('joins containerd %s and leaves no trace', async (line) => {
    const made = (node = await containedNode(line, 'version = 3\n'));
    await made.startEngine();
    const { payload, task } = await gvisorFromCatalogue();
    const reports = await runSteps(made.host, payload, task, install);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(reports[3]?.handlers).toContain('gvisor');
    const folder =
      /ConfigPath = "(.+)\/runsc\.toml"/.exec(made.read('/etc/containerd/bulkhead.d/gvisor.toml') ?? '')?.[1] ?? '';
    expect(readFileSync(made.at(`${folder}/runsc.toml`), 'utf8')).toContain(`binary_name = "${folder}/runsc"`);
    expect(await made.host.run([`${folder}/runsc`, '--version'])).toMatchObject({ exitCode: 0 });
    expect(await runSteps(made.host, payload, task, ['remove'])).toMatchObject([
      { outcome: 'done', engineRestarts: 1 },
    ]);
    expect(made.read(configPath)).toBe('version = 3\n');
    expect(made.read('/opt/bulkhead')).toBeUndefined();
  });

  it('runs a container of a real Docker, and does not go while it runs', async () => {
    const made = (node = await containedDocker('{ "debug": false }\n'));
    const { payload, task } = await gvisorFromCatalogue();
    await made.importPause();
    expect((await runSteps(made.host, payload, task, install)).map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'done',
      'done',
      'unchanged',
    ]);
    const { stdout } = await made.docker('run', '--detach', '--network=none', '--runtime=gvisor', 'pause');
    expect((await made.docker('inspect', '--format={{.State.Status}}', stdout.trim())).stdout).toBe('running\n');
    const seeing = { ...made.host, processes: made.allProcesses };
    expect(await runSteps(seeing, payload, task, ['remove'])).toMatchObject([
      { outcome: 'blocked', reason: 'SandboxesRunning' },
    ]);
    await made.docker('rm', '--force', stdout.trim());
    expect(await runSteps(seeing, payload, task, ['remove'])).toMatchObject([{ outcome: 'done', engineRestarts: 0 }]);
    expect(made.read('/etc/docker/daemon.json')).toBe('{ "debug": false }\n');
    expect(made.read('/opt/bulkhead')).toBeUndefined();
  });
});
