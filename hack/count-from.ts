// Reads from the environment how many of something there are to be.

/** @param otherwise when it is not set. *Errors*: throws for what is no whole number from 1 to 9. */
export const countFrom = (env: Readonly<NodeJS.ProcessEnv>, name: string, otherwise: number): number => {
  const text = env[name] || String(otherwise);
  if (/^[1-9]$/.test(text)) return Number(text);
  throw new Error(`Cannot use ${name}=${text}: it has to be a whole number from 1 to 9.`);
};
