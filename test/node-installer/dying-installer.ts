// Runs steps of the installer on a contained node and dies at a given effect. A test bundles it: `node dying-installer.mjs <JSON>`.
// The node has no systemd: what restarts the engine, and knows its process, is the test, behind a socket.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { NodeStep } from '../../crds/node-report.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { realHost } from '../../node-installer/host/real-host.ts';
import { dieAtEffect, effect } from './die-at-effect.ts';
import { runSteps } from './run-steps.ts';
import { tinyPayload } from './tiny-payload.ts';

export type Order = {
  /** Where the node's files are seen. */
  readonly root: string;
  readonly socket: string;
  readonly task: NodeTask;
  readonly steps: readonly NodeStep[];
  /** Never, when it is absent. */
  readonly dieAt?: number;
  /** Gets the names of the effects, when the installer lives. */
  readonly effects: string;
};

const { root, socket, task, steps, dieAt, effects }: Order = JSON.parse(process.argv[2] ?? '');
const seen = await dieAtEffect(dieAt ?? Infinity);
const real = realHost(root, []);

async function ask(question: string, onceAsked: () => void = () => {}): Promise<string> {
  const connection = connect(socket);
  connection.end(question);
  await once(connection, 'finish');
  onceAsked();
  return text(connection);
}

const host: typeof real = {
  ...real,
  processes: async () => {
    const pid = Number(await ask('pid'));
    return (await real.processes()).filter((process) => process.pid === pid);
  },
  restartService: async (unit) => {
    effect(`restart ${unit}`);
    const answer = await ask('restart', () => effect(`while restarting ${unit}`));
    return { exitCode: Number(answer), stdout: '', stderr: '' };
  },
  systemctl: async (args) => {
    effect(`systemctl ${args.join(' ')}`);
    return { exitCode: 0, stdout: '', stderr: '' };
  },
  lastLogLine: async () => undefined,
};

const reports = await runSteps(host, tinyPayload(), task, steps);
writeFileSync(effects, JSON.stringify(seen()));
console.log(JSON.stringify(reports.map(({ outcome, reason, message }) => ({ outcome, reason, message }))));
