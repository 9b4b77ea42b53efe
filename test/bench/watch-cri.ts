// Asks a CRI again and again from a thread of its own, and tells the longest time in which it did not answer.
// oxlint-disable unicorn/require-post-message-target-origin -- threads are no windows
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { askCri } from '../../node-installer/cri/ask-cri.ts';

/** An engine that is down refuses at once; one that is only slow has the time that it takes. */
const answerTimeoutMs = 1000;

export interface Watch {
  /** In milliseconds, from the last answer before to the first one after. */
  outageOf(work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<unknown>;
}

export function watchCri(socket: string): Watch {
  const worker = new Worker(new URL(import.meta.url), { workerData: socket });
  const longestGap = async (): Promise<number> => {
    worker.postMessage('take');
    const [gap] = (await once(worker, 'message')) as [number];
    return gap;
  };
  return {
    outageOf: async (work) => {
      await longestGap();
      await work();
      return longestGap();
    },
    stop: () => worker.terminate(),
  };
}

/** Answers each message with the longest gap between two answers since the message before, once the CRI answers again. */
async function watch(socket: string): Promise<void> {
  let [answeredMs, longestMs, asked] = [performance.now(), 0, false];
  parentPort?.on('message', () => (asked = true));
  for (;;) {
    if ((await askCri(socket, answerTimeoutMs)).kind !== 'Answered') continue;
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - answeredMs);
    answeredMs = nowMs;
    if (!asked) continue;
    parentPort?.postMessage(longestMs);
    [longestMs, asked] = [0, false];
  }
}

if (!isMainThread) await watch(String(workerData));
