// Measures for how long a real containerd does not serve while a runtime is activated, against a bare restart of the same containerd.
// It is no test and proves nothing by itself: docs/benchmarks.md has what it printed and on what. `make bench`, ROUNDS=10 by default.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from '../../hack/progress.ts';
import { type ContainedNode, containedNode } from '../node-installer/contained-node.ts';
import { install, runSteps } from '../node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../node-installer/tiny-payload.ts';
import { watchCri } from './watch-cri.ts';

const lines = ['1.7', '2.3'] as const;
const rounds = Number(process.env['ROUNDS'] ?? 10);
/** One that has only just started takes longer to stop. */
const settleMs = 2000;
const say = progress('bench');

type Outages = { readonly bare: number[]; readonly activation: number[] };

async function measure(node: ContainedNode): Promise<Outages> {
  const watch = watchCri(node.at('/run/containerd/containerd.sock'));
  const outages: Outages = { bare: [], activation: [] };
  // In turns, so that both have the same machine.
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(settleMs);
    outages.bare.push(await watch.outageOf(() => node.host.restartService('containerd.service')));
    await sleep(settleMs);
    outages.activation.push(await watch.outageOf(() => activate(node)));
    await runSteps(node.host, tinyPayload(), tinyTask(), ['remove']);
    say(`round ${round}: ${outages.bare.at(-1)?.toFixed(0)} and ${outages.activation.at(-1)?.toFixed(0)} ms`);
  }
  await watch.stop();
  return outages;
}

async function activate({ host }: ContainedNode): Promise<void> {
  const reports = await runSteps(host, tinyPayload(), tinyTask(), install);
  if (reports[2]?.outcome !== 'done') throw new Error(`Cannot measure an activation: ${reports[2]?.message}`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

function row(line: string, { bare, activation }: Outages): string {
  const range = (values: readonly number[]) =>
    `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
  const ratio = (median(activation) / median(bare)).toFixed(2);
  return `| containerd ${line} | ${range(bare)} | ${range(activation)} | ${ratio} |`;
}

const rows: string[] = [];
for (const line of lines) {
  const node = await containedNode(line, `version = ${line === '1.7' ? 2 : 3}\n`);
  try {
    await node.startEngine();
    rows.push(row(line, await measure(node)));
  } finally {
    await node.stop();
  }
}
console.log(`${rounds} rounds each on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; median (least–most) in ms`);
console.log(['| engine | bare restart | activation | ratio |', '|---|---|---|---|', ...rows].join('\n'));
