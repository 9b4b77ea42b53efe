// Finds what on a node is not as an install leaves it, each in words with its path. Nothing is written.
import type { NodeTask } from '../../crds/node-task.ts';
import type { FileChange } from '../engine/engine.ts';
import type { Host } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { decideActivation } from './decide-activation.ts';
import { driverOf } from './drivers/driver-of.ts';
import { planModules } from './keep-modules.ts';
import { neededDevices } from './kernel-needs.ts';
import { type ObservedNode } from './observe-node.ts';
import { observeDevices } from './observe-supplies.ts';
import { findStaged, inspectStaged } from './staged-folder.ts';

/** What differs, by what it is about; the words of each are whole clauses. */
export type Drift = {
  readonly payload: readonly string[];
  readonly config: readonly string[];
  readonly kernel: readonly string[];
  readonly engine: readonly string[];
};

/** `folder` is where the payload must be; without it, the one that belongs to the task is looked for. */
export async function findDrift(
  host: Host,
  node: ObservedNode,
  task: NodeTask,
  folder: string | undefined,
): Promise<Drift> {
  const found = folder ?? (await findStaged(host, task));
  const payload = await payloadDrift(host, task, found);
  const kernel = await kernelDrift(host, node, task);
  // Without the folder, what the config must say is not known.
  return { payload, kernel, ...(await engineDrift(host, node, task, found)) };
}

async function payloadDrift(host: Host, task: NodeTask, folder: string | undefined): Promise<readonly string[]> {
  if (folder === undefined) return [`no folder in ${runtimeFolder(task.runtime)} is the payload of this revision`];
  const staged = await inspectStaged(host, task, folder);
  if (staged.kind === 'Absent') return [`${folder} is missing`];
  return staged.kind === 'Intact' ? [] : staged.differences;
}

async function kernelDrift(host: Host, { facts }: ObservedNode, task: NodeTask): Promise<string[]> {
  const { load, file } = await planModules(host, task, facts);
  const devices = await observeDevices(host, neededDevices(task.needs));
  return [
    ...load.map((name) => `the kernel module ${name} is not loaded`),
    ...(file ? [wordsOf(file)] : []),
    ...[...devices].flatMap(([path, isThere]) => (isThere ? [] : [`${path} is missing`])),
  ];
}

async function engineDrift(
  host: Host,
  { engine }: ObservedNode,
  task: NodeTask,
  folder: string | undefined,
): Promise<Pick<Drift, 'config' | 'engine'>> {
  const driver = engine && driverOf(engine.kind);
  if (!engine || !driver) return { config: [], engine: ['no container engine runs'] };
  if (folder === undefined) return { config: [], engine: [] };
  const decided = await decideActivation(host, engine, driver, { task, folder, outcome: 'failed' });
  if (decided.kind === 'Refused') return { config: [decided.refusal.message.replace(/\.$/, '')], engine: [] };
  const { files, restart } = decided;
  // The restart that a changed file takes is no finding of its own.
  const isStale = restart !== undefined && files.length === 0;
  return { config: files.map(wordsOf), engine: isStale ? [engineWords(engine.kind, restart)] : [] };
}

function wordsOf({ path, before, after }: FileChange): string {
  if (before === undefined) return `${path} is missing`;
  return after === undefined ? `${path} does not belong there` : `${path} is changed`;
}

function engineWords(kind: string, restart: string): string {
  return restart.replace(/^it /, `${kind} `);
}
