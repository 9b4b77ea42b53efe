// Keeps memory low while gigabytes pass by. A buffer's bytes lie outside of the heap whose growth makes V8 collect, so
// some hundred megabytes of them are waiting for it by then; told to collect the youngest, it takes a millisecond.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const everyBytes = 4 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

let collect: Collect | undefined;

/** The same pieces, with room made for the next ones now and then. */
export async function* releasing(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  collect ??= makeCollect();
  let passedBytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    passedBytes += chunk.length;
    if (passedBytes < everyBytes) continue;
    passedBytes = 0;
    collect({ type: 'minor' });
  }
}

/** V8 makes the function only once the flag is set, and only in contexts that come after. */
function makeCollect(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
