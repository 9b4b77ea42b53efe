// Runs the installer as processes of their own on a contained node, and what outlives them, as systemd does: the engine's restart.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundle } from '../../hack/images/bundle.ts';
import type { Change } from './changes.ts';
import type { ContainedNode } from './contained-node.ts';
import type { Order } from './dying-installer.ts';

export interface InstallerProcesses {
  /** How its life ended: what it said, or by which signal. */
  run(change: Pick<Change, 'task' | 'steps'>, dieAt?: number): Promise<string>;
  /** Of the last one that lived, what it did. */
  effects(): string[];
  /** The last restart that one of them asked for has ended. */
  settled(): Promise<unknown>;
  stop(): void;
}

export async function installerProcesses(node: ContainedNode): Promise<InstallerProcesses> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-installers-'));
  const [program, socket, effects] = ['installer.mjs', 'manager', 'effects'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(program, (await bundle('test/node-installer/dying-installer.ts')).text);
  let asked: Promise<unknown> = Promise.resolve();
  const manager = createServer({ allowHalfOpen: true }, (connection) => {
    const answer = async () => {
      if ((await text(connection)) === 'pid') return (await node.host.processes())[0]?.pid ?? 0;
      return (await node.host.restartService('containerd.service')).exitCode;
    };
    // Nobody listens once the installer is dead.
    connection.on('error', () => {});
    asked = answer().then((said) => connection.end(String(said)));
  }).listen(socket);
  return {
    run: ({ task, steps }, dieAt) => {
      const order: Order = {
        root: node.at('/'),
        socket,
        task,
        steps,
        effects,
        ...(dieAt === undefined ? {} : { dieAt }),
      };
      return new Promise((resolve) => {
        execFile(process.execPath, [program, JSON.stringify(order)], (error, stdout, stderr) =>
          resolve(error?.signal ?? stdout + stderr),
        );
      });
    },
    effects: () => JSON.parse(readFileSync(effects, 'utf8')) as string[],
    settled: () => asked,
    stop: () => {
      manager.close();
      rmSync(folder, { recursive: true });
    },
  };
}
