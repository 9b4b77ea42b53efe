// Measures for how long a real containerd does not serve while a runtime is activated, against a bare restart of the same containerd.
// It is no test and proves nothing by itself: docs/benchmarks.md has what it printed and on what. `make bench`, ROUNDS=10 by default.
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from '../../hack/progress.ts';
import { type ContainedNode, containedNode } from '../node-installer/contained-node.ts';
import { install, runSteps } from '../node-installer/run-steps.ts';
import { tinyPayload, tinyTask } from '../node-installer/tiny-payload.ts';
import { type Measured, tableRow } from './table-row.ts';
import { watchCri } from './watch-cri.ts';

const lines = ['1.7', '2.3'] as const;
const rounds = Number(process.env['ROUNDS'] ?? 10);
/** One that has only just started takes longer to stop. */
const settleMs = 2000;
const say = progress('bench');

async function measure(node: ContainedNode): Promise<Measured> {
  const watch = watchCri(node.at('/run/containerd/containerd.sock'));
  const outages: Measured = { base: [], ours: [] };
  // In turns, so that both have the same machine.
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(settleMs);
    outages.base.push(await watch.outageOf(() => node.host.restartService('containerd.service')));
    await sleep(settleMs);
    outages.ours.push(await watch.outageOf(() => activate(node)));
    await runSteps(node.host, tinyPayload(), tinyTask(), ['remove']);
    say(`round ${round}: ${outages.base.at(-1)?.toFixed(0)} and ${outages.ours.at(-1)?.toFixed(0)} ms`);
  }
  await watch.stop();
  return outages;
}

async function activate({ host }: ContainedNode): Promise<void> {
  const reports = await runSteps(host, tinyPayload(), tinyTask(), install);
  if (reports[2]?.outcome !== 'done') throw new Error(`Cannot measure an activation: ${reports[2]?.message}`);
}

const rows: string[] = [];
for (const line of lines) {
  const node = await containedNode(line, `version = ${line === '1.7' ? 2 : 3}\n`);
  try {
    await node.startEngine();
    rows.push(tableRow(`containerd ${line}`, await measure(node)));
  } finally {
    await node.stop();
  }
}
console.log(`${rounds} rounds each on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; median (least–most) in ms`);
console.log(['| engine | bare restart | activation | ratio |', '|---|---|---|---|', ...rows].join('\n'));
