// Real-world roots on really started containerds of every line: our handler joins those that the CRI listed before and goes again,
// byte for byte, or the node is refused in words before a byte is written.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ContainerdLine, containerdLines } from '../containerd/start-containerd.ts';
import { configPath, type ContainedNode, containedNode } from './contained-node.ts';
import { defaultRoots, readCorpus, type RootFile } from './roots.ts';
import { runSteps } from './run-steps.ts';
import { tinyPayload, tinyTask } from './tiny-payload.ts';

/** The table behind docs/compatibility.md. With BULKHEAD_WRITE_COMPATIBILITY set, what is found is written and not compared. */
const tablePath = join(import.meta.dirname, '../../docs/compatibility/containerd.json');
const known = JSON.parse(readFileSync(tablePath, 'utf8')) as { file: string; outcomes: Record<string, string> }[];
const writes = process.env['BULKHEAD_WRITE_COMPATIBILITY'] !== undefined;

const files = [...(await defaultRoots()), ...readCorpus()];
const socket = '/run/containerd/containerd.sock';
const flags = ['--root', '/var/lib/containerd', '--state', '/run/containerd', '--address', socket];

async function listed({ host }: ContainedNode): Promise<readonly string[] | undefined> {
  const answer = await host.askCri(socket);
  return answer.kind === 'Answered' && answer.runtimeReady ? answer.handlers.toSorted() : undefined;
}

/** An engine that did not even start is observed as between two tries of its service manager. */
async function refusal(made: ContainedNode, isUp: boolean): Promise<string> {
  const exe = made.program();
  const process = { pid: 1, identity: '1', exe, argv: [exe, ...flags], cgroups: [], nested: false, startedMs: 0 };
  const host = isUp ? made.host : { ...made.host, processes: async () => [process] };
  const [report] = await runSteps(host, tinyPayload(), tinyTask(), ['preflight']);
  expect(report).toMatchObject({ outcome: 'ineligible' });
  return `${report?.reason}: ${report?.message}`;
}

async function joinAndLeave(made: ContainedNode, before: readonly string[]): Promise<string> {
  const { host } = made;
  const [preflight] = await runSteps(host, tinyPayload(), tinyTask(), ['preflight']);
  if (preflight?.outcome !== 'unchanged') return `${preflight?.reason}: ${preflight?.message}`;
  // Newer than its reader, so that it is started for trial as well.
  made.write(configPath, made.read(configPath) ?? '');
  const reports = await runSteps(host, tinyPayload(), tinyTask(), ['preflight', 'stage', 'activate', 'verify']);
  const refused = reports.filter(({ outcome }) => outcome !== 'done' && outcome !== 'unchanged');
  expect(refused).toEqual([]);
  expect(await listed(made)).toEqual([...before, 'tiny'].toSorted());
  const form = made.read(configPath)?.includes('# BEGIN SandboxRuntime tiny') ? 'block' : 'drop-in';
  expect(await runSteps(host, tinyPayload(), tinyTask(), ['remove'])).toMatchObject([{ outcome: 'done' }]);
  expect(await listed(made)).toEqual(before);
  return form;
}

async function outcomeOn(line: ContainerdLine, { text, companions }: RootFile): Promise<string> {
  const made = await containedNode(line, text, { flags });
  try {
    for (const [path, companion] of Object.entries(companions)) made.write(path, companion);
    const isUp = await made.startEngine().then(
      () => true,
      () => false,
    );
    const before = await listed(made);
    const outcome = before ? await joinAndLeave(made, before) : await refusal(made, isUp);
    expect(made.read(configPath)).toBe(text);
    expect(made.read('/var/lib/bulkhead')).toBeUndefined();
    return outcome;
  } finally {
    await made.stop();
  }
}

describe.each(containerdLines)('on containerd %s', (line) => {
  it.concurrent.each(files.map((file) => [file.name, file] as const))('root %s', async (name, file) => {
    const outcome = await outcomeOn(line, file);
    expect(outcome).toMatch(/^(block|drop-in|[A-Z]\w+: Cannot .+\.)$/);
    const row = known.find((candidate) => candidate.file === name);
    if (writes && row) row.outcomes[line] = outcome;
    // More files than those of the table are told by the laws above alone.
    else if (row) expect(outcome).toBe(row.outcomes[line]);
  });
});

afterAll(() => {
  if (writes) writeFileSync(tablePath, `${JSON.stringify(known, null, 2)}\n`);
});
