// Where everything built or fetched is kept between runs. It only names folders.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `$BULKHEAD_CACHE`, else `$XDG_CACHE_HOME/bulkhead`, else `~/.cache/bulkhead`; always absolute. */
export const cacheRoot = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(env['BULKHEAD_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bulkhead'));

export const inCache = (...parts: readonly string[]): string => join(cacheRoot(), ...parts);
