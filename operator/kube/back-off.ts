// How long to wait after so many failures in a row; keeps no state.

const firstMs = 200;
const longestMs = 10_000;

/**
 * Doubles from 200 ms up to 10 s, with a random half so that clients do not come back all at once.
 *
 * @param random between 0 and 1
 */
export function backOffMs(failures: number, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
