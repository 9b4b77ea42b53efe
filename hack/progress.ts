// Lines that tell a person what is being done and how long it has taken. It decides nothing.

export type Say = (line: string) => void;

const started = Date.now();

const clock = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Says lines such as `[build 03:12] …`; the time counts from the start of the program. */
export const progress =
  (area: string): Say =>
  (line) =>
    console.log(`[${area} ${clock(Date.now() - started)}] ${line}`);

/** Does one thing and says before it what it is, after it how long it took. */
export const timed = async <T>(say: Say, what: string, action: () => Promise<T>): Promise<T> => {
  const from = Date.now();
  say(what);
  const result = await action();
  say(`${what}: done in ${((Date.now() - from) / 1000).toFixed(1)} s`);
  return result;
};
