import { describe, expect, it } from 'vitest';
import { type FakeNode, fakeNode } from '../../test/fakes/fake-node.ts';
import { install, runSteps } from '../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../test/node-installer/tiny-payload.ts';
import { decideActivation } from './decide-activation.ts';
import { containerdDriver } from './drivers/containerd.ts';
import { observeEngine } from './observe-engine.ts';
import { recordPath } from './root-record.ts';

const configPath = '/etc/containerd/config.toml';
const loaded = '/var/lib/bulkhead/loaded.json';

const run = ({ host }: FakeNode) => runSteps(host, tinyPayload(), tinyTask(), install);

async function restartOn({ host }: FakeNode): Promise<string | undefined> {
  const engine = await observeEngine(host, await host.processes());
  const [folder = ''] = await host.list('/opt/bulkhead/tiny');
  if (!engine) throw new Error('The test has no engine.');
  const asked = { task: tinyTask(), folder: `/opt/bulkhead/tiny/${folder}`, outcome: 'failed' } as const;
  const decided = await decideActivation(host, engine, containerdDriver, asked);
  return decided.kind === 'Decided' ? decided.restart : decided.refusal.message;
}

const reasons: [string, (node: FakeNode) => unknown, string | undefined][] = [
  ['all is as wanted', () => {}, undefined],
  ['the clocks alone say that the config was read', ({ host }) => host.removeFile(loaded), undefined],
  [
    'the drop-in is not as wanted',
    ({ host }) => host.put('/etc/containerd/bulkhead.d/tiny.toml', '# emptied\n'),
    'it has to read the changed config',
  ],
  [
    'the engine is older than a change of somebody else',
    ({ host }) => host.put(configPath, `${host.text(configPath)}# an admin\n`),
    'it has not read the config that is on disk',
  ],
  [
    'the engine does not list the handler',
    ({ host }) => host.answer.kind === 'Answered' && (host.answer = { ...host.answer, handlers: ['runc'] }),
    'the CRI does not list tiny',
  ],
  ['only what we remember is gone', ({ host }) => host.removeFile(recordPath), undefined],
];

describe('decideActivation()', () => {
  it('restarts the engine of a node that is new to the runtime', async () => {
    expect(await restartOn(await fakeNode())).toBe('it has to read the changed config');
  });

  it.each(reasons)('when %s', async (_, change, restart) => {
    const node = await fakeNode();
    await run(node);
    node.host.now += 1000;
    await change(node);
    expect(await restartOn(node)).toBe(restart);
    const restarts = node.restarts();
    expect(await run(node)).toMatchObject([{}, {}, { engineRestarts: restart === undefined ? 0 : 1 }, {}]);
    expect(node.restarts()).toBe(restarts + (restart === undefined ? 0 : 1));
    expect(await restartOn(node)).toBeUndefined();
  });
});
