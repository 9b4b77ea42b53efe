// Waits for an engine that is restarted by what it runs under as soon as its config changes, as k0s does.
import { dirname } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import type { ObservedEngine } from './observe-engine.ts';

/** When files began to be written, and which. */
export type Written = { readonly sinceMs: number; readonly paths: readonly string[] };

/** *Source*: k0s waits 3 s for more changes, stops containerd, and starts it 5 s after it has ended. */
const waitMs = 25_000;
const pollMs = 100;

/** True once the engine runs anew. False when nobody watches, nothing changed for who does, or it takes too long. */
export async function awaitReload(host: Host, engine: ObservedEngine, written: Written): Promise<boolean> {
  const { watchedFolder } = engine;
  if (watchedFolder === undefined || written.paths.every((path) => dirname(path) !== watchedFolder)) return false;
  for (const untilMs = host.nowMs() + waitMs; host.nowMs() < untilMs; await host.sleep(pollMs)) {
    if (await hasStarted(host, engine, written.sinceMs)) return true;
  }
  return false;
}

/** The same command line, since it is started as before. */
async function hasStarted(host: Host, { process }: ObservedEngine, sinceMs: number): Promise<boolean> {
  const line = process.argv.join('\0');
  return (await host.processes()).some(({ argv, startedMs }) => startedMs >= sinceMs && argv.join('\0') === line);
}
