// Has the engine load its config and waits until it is as it should be; "active" in the service manager says nothing about that.
import type { CriAnswer, Host, RunResult } from '../host/host.ts';
import { awaitReload, type Written } from './await-reload.ts';
import { lastLine } from './dump-config.ts';
import type { ObservedEngine } from './observe-engine.ts';

const waitMs = 30_000;
const pollMs = 100;
/** A program that was not done in time: the restart itself goes on. */
const timedOut = 124;

export type Restarted =
  | { readonly kind: 'Up' }
  | { readonly kind: 'Down'; readonly reason: 'EngineNotReady' | 'HandlerMissing'; readonly why: string };

/** From the order to restart until the CRI must answer: a service with kubelet in it may have an API server and its store in it too. */
export function patienceMs(restartsKubelet: boolean): number {
  return restartsKubelet ? 150_000 : waitMs;
}

/** What the CRI must answer: it is ready, lists `present`, and does not list `absent`. */
export type Expected = { readonly present: readonly string[]; readonly absent: readonly string[] };

/**
 * *Guarantees*: comes back within the restart and {@link waitMs}, or in the time that the service is given as a whole;
 * `Up` only for an engine that has answered so.
 */
export async function restartEngine(
  host: Host,
  engine: ObservedEngine,
  expected: Expected,
  written: Written,
): Promise<Restarted> {
  const { unit, reloads, restartsKubelet } = engine;
  const readyUntilMs = host.nowMs() + patienceMs(restartsKubelet);
  const restarted = (await awaitReload(host, engine, written)) ? done : await load(host, engine);
  if (restarted.exitCode !== 0 && restarted.exitCode !== timedOut) {
    // It may not have been restarted at all, and run as before.
    const state = judgeAnswer(await ask(host, engine), expected);
    if (state.kind === 'Up') return state;
    const log = await host.lastLogLine(unit);
    const why = `${unit} cannot be ${reloads ? 'reloaded' : 'restarted'} (${lastLine(log ?? restarted.stderr)})`;
    return { kind: 'Down', reason: 'EngineNotReady', why };
  }
  const untilMs = Math.max(readyUntilMs, host.nowMs() + waitMs);
  for (;;) {
    const answer = await ask(host, engine);
    const state = judgeAnswer(answer, expected);
    const isForGood = answer.kind === 'Silent' && answer.isForGood;
    if (state.kind === 'Up' || isForGood || host.nowMs() >= untilMs) return state;
    await host.sleep(pollMs);
  }
}

const done: RunResult = { exitCode: 0, stdout: '', stderr: '' };

function load(host: Host, { unit, reloads }: ObservedEngine): Promise<RunResult> {
  return reloads ? host.systemctl(['reload', unit]) : host.restartService(unit);
}

/** How many restarts a load is, for a report. */
export function restartsOf({ reloads }: ObservedEngine): 0 | 1 {
  return reloads ? 0 : 1;
}

function ask(host: Host, { kind, socket }: ObservedEngine): Promise<CriAnswer> {
  return kind === 'docker' ? host.askDocker(socket) : host.askCri(socket);
}

export function judgeAnswer(answer: CriAnswer, { present, absent }: Expected): Restarted {
  if (answer.kind === 'Silent')
    return { kind: 'Down', reason: 'EngineNotReady', why: `the CRI does not answer (${answer.why})` };
  if (!answer.runtimeReady) {
    return { kind: 'Down', reason: 'EngineNotReady', why: `the CRI is not ready (${answer.notReadyBecause})` };
  }
  const missing = present.filter((name) => !answer.handlers.includes(name));
  const left = absent.filter((name) => answer.handlers.includes(name));
  if (missing.length > 0)
    return { kind: 'Down', reason: 'HandlerMissing', why: `the CRI does not list ${missing.join(', ')}` };
  if (left.length > 0) return { kind: 'Down', reason: 'HandlerMissing', why: `the CRI still lists ${left.join(', ')}` };
  return { kind: 'Up' };
}
