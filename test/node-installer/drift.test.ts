// What is changed behind our back on a node with a real containerd is named by a verify of its own, and put right by an install.
import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readOnly } from '../fakes/read-only.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { install, runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

let node: ContainedNode | undefined;
afterEach(() => node?.stop());

async function driftOf({ host }: ContainedNode): Promise<readonly string[] | undefined> {
  const [report] = await runSteps(readOnly(host), tinyPayload(), tinyTask(), ['verify']);
  return report?.drift;
}

describe.each(['2.0', '2.3'] as const)('with containerd %s', { timeout: 60_000 }, (line) => {
  it('verify names what has changed since the install, and an install puts it right', async () => {
    const made = (node = await containedNode(line, 'version = 2\n'));
    await made.startEngine();
    const [planned] = await runSteps(made.host, tinyPayload(), tinyTask(), ['plan']);
    const folder = planned?.plan?.staging?.folder ?? '';
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(await driftOf(made)).toBeUndefined();

    chmodSync(made.at(`${folder}/bin/shim`), 0o700);
    made.write(`${folder}/bin/spy`, '');
    made.write('/etc/containerd/bulkhead.d/tiny.toml', '# mine now\n');
    expect(await driftOf(made)).toEqual([
      `${folder}/bin/shim has the mode 0700, not 0755`,
      `${folder}/bin/spy does not belong there`,
      '/etc/containerd/bulkhead.d/tiny.toml is changed',
    ]);
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(await driftOf(made)).toBeUndefined();
    expect(made.restarts()).toBe(2);

    made.write(configPath, `${made.read(configPath)}[debug]\n  level = "info"\n`);
    expect(await driftOf(made)).toEqual(['containerd has not read the config that is on disk']);
    await runSteps(made.host, tinyPayload(), tinyTask(), install);
    expect(await driftOf(made)).toBeUndefined();
    expect(made.restarts()).toBe(3);
  });
});
