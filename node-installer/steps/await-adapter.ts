// Waits until cri-dockerd says of Docker what Docker says of itself: only then does it start pods with a new handler.
import type { Host } from '../host/host.ts';
import type { ObservedEngine } from './observe-engine.ts';
import { judgeAnswer } from './restart-engine.ts';

/** *Source*: cri-dockerd `systemInfoCacheMinTTL` is a minute; 60.4 s were measured on 0.4.0. */
const waitMs = 75_000;
const pollMs = 1_000;

/** Why pods would not start with the handlers yet; `undefined` when they would, and for engines that kubelet asks themselves. */
export async function awaitAdapter(
  host: Host,
  { adapterSocket }: ObservedEngine,
  handlers: readonly string[],
): Promise<string | undefined> {
  if (adapterSocket === undefined) return undefined;
  for (const untilMs = host.nowMs() + waitMs; ;) {
    const state = judgeAnswer(await host.askCri(adapterSocket), { present: handlers, absent: [] });
    if (state.kind === 'Up') return undefined;
    if (host.nowMs() >= untilMs) return `Docker lists them, and yet ${state.why}`;
    await host.sleep(pollMs);
  }
}
