// The preflight: whether the node can take the runtime, with the reason when it cannot. Nothing is written.
import type { NodeTask } from '../../crds/node-task.ts';
import { catalogue } from '../../runtime/catalogue.ts';
import type { Host } from '../host/host.ts';
import { runtimeFolder } from '../payload/folder.ts';
import { adopt, whyUnwritable } from './adopt.ts';
import { driverOf } from './drivers/driver-of.ts';
import { refuseAddition } from './refuse-addition.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { noDiskSpace } from './no-disk-space.ts';
import { type ObservedNode, observeNode } from './observe-node.ts';
import { refuseEngine } from './refuse-engine.ts';
import { refuseMemory, refuseNeeds } from './refuse-needs.ts';
import { refuseSnapshotters } from './refuse-snapshotters.ts';
import { refuse, type Refusal, type StepContext, type StepResult } from './step.ts';

/** Less than this is too little for any payload; the stage step knows the exact size. */
const leastFreeBytes = 64 * 1024 * 1024;

const leaveOut = 'Keep the node out by spec.nodes.selector.';

/** *Guarantees*: the cheap and certain refusals come first, so that the reason is the one to act on. */
export async function preflight({ host, task }: StepContext): Promise<StepResult> {
  const node = await observeNode(host, task.needs);
  return { ...(refuseArchitecture(node, task) ?? (await judgeHost(host, node, task))), facts: node.facts };
}

/** A host that cannot be written to is asked for what it has before it is asked for what it lacks. */
async function judgeHost(host: Host, node: ObservedNode, task: NodeTask): Promise<StepResult> {
  const unwritable = await whyUnwritable(host, node, task.needs);
  const needs = { task, facts: node.facts, supplies: node.supplies, mayLoad: unwritable === undefined };
  const lacking = refuseNeeds(needs);
  if (lacking) return lacking;
  if (unwritable && node.engine?.answer.kind === 'Answered') return adopt(host, node.engine, task, unwritable);
  const isNew = (await host.stat(runtimeFolder(task.runtime))) === undefined;
  const refusal =
    (await whySilent(host, node, task)) ??
    refuseEngine(node) ??
    (isNew ? (refuseMemory(needs) ?? refuseDisk(node, task)) : undefined) ??
    (node.engine && (await refuseConfig(host, node.engine, task))) ??
    (node.engine && (await refuseSnapshotters(host, node.engine, task)));
  return refusal ?? { outcome: 'unchanged', ...announcement(node.engine) };
}

/** What people shall know before it happens. */
function announcement(engine: ObservedEngine | undefined): { message?: string } {
  if (!engine?.restartsKubelet) return {};
  return { message: `Adding the handlers restarts ${engine.unit}: kubelet and, on a server, the API server with it.` };
}

function refuseArchitecture({ facts }: ObservedNode, { family, version, handlers }: NodeTask): Refusal | undefined {
  const versions = catalogue.find(({ name }) => name === family)?.versions;
  const arches = versions?.find((candidate) => candidate.version === version)?.arches;
  if (handlers.length === 0) {
    const message = `Cannot run ${family} ${version} on an ${facts.arch} node: none of the handlers is for it.`;
    return refuse('ineligible', 'WrongArchitecture', message, leaveOut);
  }
  if (!arches || arches.includes(facts.arch)) return undefined;
  const message = `Cannot run ${family} ${version} on an ${facts.arch} node: there is a payload for ${arches.join(', ')} only.`;
  return refuse('ineligible', 'WrongArchitecture', message, leaveOut);
}

/** On a node that has the runtime, the stage step knows what is still to be copied. */
function refuseDisk({ facts: { freeDiskBytes } }: ObservedNode, { needs }: NodeTask): Refusal | undefined {
  const neededBytes = needs.diskBytes ?? leastFreeBytes;
  return freeDiskBytes < neededBytes ? noDiskSpace(neededBytes, freeDiskBytes) : undefined;
}

async function refuseConfig(host: Host, engine: ObservedEngine, task: NodeTask): Promise<Refusal | undefined> {
  const opened = await driverOf(engine.kind)?.open(host, engine, task.runtime, 'ineligible');
  if (!opened) return undefined;
  return opened.kind === 'Unsound' ? opened.refusal : refuseAddition(opened.config, task, 'ineligible');
}

/** With which nothing else is known. */
const silenceReasons: ReadonlySet<string> = new Set(['CriUnavailable', 'EngineNotReady']);

/** A CRI that does not answer mostly has a config that says why. */
async function whySilent(host: Host, node: ObservedNode, { runtime }: NodeTask): Promise<Refusal | undefined> {
  const { engine } = node;
  if (engine?.answer.kind !== 'Silent' || !silenceReasons.has(refuseEngine(node)?.reason ?? '')) return undefined;
  const opened = await driverOf(engine.kind)?.open(host, engine, runtime, 'ineligible');
  return opened?.kind === 'Unsound' ? opened.refusal : undefined;
}
