// When a node that stopped is tried again; keeps no state but what the SandboxNode says.
import type { NodeRuntime } from '../../crds/sandbox-node.ts';

const minuteMs = 60_000;
const longestMs = 30 * minuteMs;
/** A removal waits for pods to go, and nothing tells us when. */
const longestBlockedMs = 2 * minuteMs;

/** 1, 2, 4 … 30 minutes after the failure. */
export function retryAtMs({ phase, attempts = 1, lastTransitionTime }: NodeRuntime): number {
  const longest = phase === 'Blocked' ? longestBlockedMs : longestMs;
  return Date.parse(lastTransitionTime) + Math.min(longest, minuteMs * 2 ** Math.min(attempts - 1, 10));
}
