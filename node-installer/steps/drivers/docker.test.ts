import { describe, expect, it } from 'vitest';
import { daemonJson, type FakeDockerNode, fakeDockerNode } from '../../../test/fakes/fake-docker-node.ts';
import { install, runSteps } from '../../../test/node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../../../test/node-installer/tiny-payload.ts';

async function stepsOn({ host }: FakeDockerNode, steps: Parameters<typeof runSteps>[3], task = tinyTask()) {
  return runSteps(host, tinyPayload(), task, steps);
}

async function outcomesOn(node: FakeDockerNode, steps: Parameters<typeof runSteps>[3], task = tinyTask()) {
  return (await stepsOn(node, steps, task)).map(({ outcome, message }) => message ?? outcome);
}

function second() {
  return tinyTask({ runtime: 'second', handlers: tinyTask().handlers.map((each) => ({ ...each, name: 'second' })) });
}

describe('a life on Docker', () => {
  it.each([
    ['no file', undefined],
    ['an empty file', '', '29.1.0'],
    ['a blank file', ' \n', '29.1.0'],
    ['a file without settings', '{}'],
    ['an admin’s file', '{\n\t"log-driver": "local"\n}\n'],
    ['a file with an empty runtimes', '{"runtimes":{},"debug":true}'],
    ['a file with runtimes', '{\r\n  "runtimes": { "nvidia": { "path": "/n" } }\r\n}'],
  ])('is two reloads with no restart, and leaves %s as it was', async (_, text, version = '20.10.24') => {
    const node = fakeDockerNode(text, { version });
    const paths = node.host.paths();
    expect(await outcomesOn(node, install)).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(node.host.answer).toMatchObject({ handlers: expect.arrayContaining(['tiny', 'runc']) as unknown });
    expect(await outcomesOn(node, install)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(await outcomesOn(node, install, second())).toEqual(['unchanged', 'done', 'done', 'unchanged']);
    expect(await stepsOn(node, ['remove'])).toMatchObject([{ outcome: 'done', engineRestarts: 0 }]);
    expect(await outcomesOn(node, install, second())).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(await outcomesOn(node, ['remove'], second())).toEqual(['done']);
    expect(node.host.text(daemonJson)).toBe(text);
    expect(node.host.paths()).toEqual(text === undefined ? paths.filter((path) => path !== '/etc/docker') : paths);
    expect(node.host.answer).toMatchObject({ handlers: expect.not.arrayContaining(['tiny', 'second']) as unknown });
    expect([node.reloads(), node.restarts()]).toEqual([4, 0]);
  });

  it('takes out its own entries alone when an admin has edited the file meanwhile', async () => {
    const node = fakeDockerNode();
    await stepsOn(node, install);
    node.host.put(daemonJson, (node.host.text(daemonJson) ?? '').replace('{\n', '{\n  "debug": true,\n'));
    expect(await outcomesOn(node, ['remove'])).toEqual(['done']);
    expect(node.host.text(daemonJson)).toBe('{\n  "debug": true\n}\n');
  });
});

describe('preflight on Docker', () => {
  it.each([
    [
      'what is no JSON',
      '{ // no comments\n}',
      'ConfigBroken',
      /^Cannot use the config of Docker: \/etc\/docker\/daemon\.json: it is not valid JSON: .+\.$/,
    ],
    ['what is no object', '[]', 'ConfigBroken', /: it is not a JSON object\.$/],
    ['runtimes that are none', '{"runtimes": []}', 'ConfigBroken', /: its runtimes are not a JSON object\.$/],
    ['runtimes twice', '{"runtimes": {}, "runtimes": {}}', 'ConfigBroken', /: it has runtimes twice\.$/],
    ['an empty file', ' \n', 'ConfigBroken', /: it is empty\.$/],
    ['a byte order mark', '\uFEFF{}', 'ConfigBroken', /: it begins with a byte order mark\.$/],
    ['a runtime twice', '{"runtimes": {"a": {}, "a": {}}}', 'ConfigBroken', /: it has a twice\.$/],
    [
      'a default runtime that is not there',
      '{"default-runtime": "gone"}',
      'ConfigBroken',
      /: its default runtime gone is not among its runtimes\.$/,
    ],
    [
      'a handler of that name',
      '{"runtimes": {"tiny": {"path": "/usr/bin/other"}}}',
      'HandlerConflict',
      /^Cannot add the handler tiny: \/etc\/docker\/daemon\.json already defines one of that name\.$/,
    ],
  ])('refuses %s, and writes nothing', async (_, text, reason, message) => {
    const node = fakeDockerNode(text);
    const [report] = await stepsOn(node, ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason, message: expect.stringMatching(message) as unknown });
    expect(node.host.effects).toEqual([]);
  });

  it('takes another SandboxRuntime whose name begins like ours for another one', async () => {
    const node = fakeDockerNode('{"runtimes": {"tiny-2": {"path": "/opt/bulkhead/tiny-2/1/x"}}}');
    await stepsOn(node, install);
    await stepsOn(node, ['remove']);
    expect(node.host.text(daemonJson)).toContain('"/opt/bulkhead/tiny-2/1/x"');
  });

  it('refuses a dockerd whose runtimes are in flags, with what to do', async () => {
    const node = fakeDockerNode('{}', { argv: ['/usr/bin/dockerd', '--add-runtime=x=/y'] });
    expect(await stepsOn(node, ['preflight'])).toMatchObject([
      { outcome: 'ineligible', reason: 'RuntimesInFlags', hint: expect.stringContaining(daemonJson) as unknown },
    ]);
  });

  it('refuses a shim on a Docker that runs none', async () => {
    const handlers = tinyTask().handlers.map((handler) => ({ ...handler, runtimeType: 'io.containerd.kata.v2' }));
    expect(await stepsOn(fakeDockerNode(), ['preflight'], tinyTask({ handlers }))).toMatchObject([
      { outcome: 'ineligible', reason: 'EngineCannotRun' },
    ]);
  });

  it('refuses a cri-dockerd that passes no handlers on', async () => {
    const { host } = fakeDockerNode();
    const askCri: typeof host.askCri = async (socket) => ({ ...(await host.askDocker(socket)), handlers: [] });
    const [report] = await runSteps({ ...host, askCri }, tinyPayload(), tinyTask(), ['preflight']);
    expect(report).toMatchObject({ outcome: 'ineligible', reason: 'EngineTooOld' });
    expect(report?.message).toMatch(/^Cannot use handlers through this cri-dockerd/);
  });

  it('has a dockerd that can judge a file judge it, with its own flags', async () => {
    const node = fakeDockerNode('{}', {
      argv: ['/usr/bin/dockerd', '-H', 'fd://', '--config-file', daemonJson],
      version: '29.1.0',
    });
    const commands: string[] = [];
    node.host.onRun = (argv) => {
      commands.push(argv.join(' '));
      return { exitCode: 1, stdout: '', stderr: 'unable to configure the Docker daemon\n' };
    };
    expect(await outcomesOn(node, ['preflight'])).toEqual([
      `Cannot use the config of Docker: ${daemonJson}: dockerd refuses it (unable to configure the Docker daemon).`,
    ]);
    expect([...new Set(commands)]).toEqual([`/usr/bin/dockerd -H fd:// --validate --config-file=${daemonJson}`]);
  });
});

describe('verify on Docker', () => {
  /** cri-dockerd answers from a cache for so long. */
  async function verifyWith(cacheMs: number) {
    const { host } = fakeDockerNode('{}');
    const stale = host.answer;
    await runSteps(host, tinyPayload(), tinyTask(), install);
    const until = host.nowMs() + cacheMs;
    const askCri: typeof host.askCri = async (socket) => (host.nowMs() < until ? stale : host.askDocker(socket));
    const [report] = await runSteps({ ...host, nowMs: host.nowMs, askCri }, tinyPayload(), tinyTask(), ['verify']);
    return { report, waitedMs: host.nowMs() - (until - cacheMs) };
  }

  it('waits until cri-dockerd has forgotten what was before', async () => {
    const { report, waitedMs } = await verifyWith(60_000);
    expect(report).toMatchObject({ outcome: 'unchanged' });
    expect(waitedMs).toBe(60_000);
  });

  it('says so when it never does', async () => {
    const { report } = await verifyWith(1e9);
    expect(report).toMatchObject({
      outcome: 'failed',
      reason: 'HandlerMissing',
      message: 'Cannot verify the handlers: Docker lists them, and yet the CRI does not list tiny.',
    });
  });
});

describe('activate on Docker', () => {
  it('puts the file back when the reload does not bring the handler, and restarts nothing', async () => {
    const node = fakeDockerNode('{"debug": true}');
    node.host.onSystemctl = () => ({ exitCode: 0, stdout: '', stderr: '' });
    const reports = await stepsOn(node, install);
    expect(reports[2]).toMatchObject({ outcome: 'rolledBack', reason: 'HandlerMissing', engineRestarts: 0 });
    expect(node.host.text(daemonJson)).toBe('{"debug": true}');
    expect(node.restarts()).toBe(0);
  });

  it('can be tried again after that, though dockerd may remember the handler', async () => {
    const node = fakeDockerNode('{}');
    await stepsOn(node, install);
    node.host.put(daemonJson, '{}');
    await node.host.removeTree('/var/lib/bulkhead');
    expect(await outcomesOn(node, install)).toEqual(['unchanged', 'unchanged', 'done', 'unchanged']);
  });
});
