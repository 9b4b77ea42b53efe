// Refuses to restart an engine onto somebody's edit that it has not read yet and would not serve with. Rolling ours back would not help then.
import type { Host } from '../host/host.ts';
import type { OpenedConfig } from './drivers/driver.ts';
import { isLoaded } from './engine-loaded.ts';
import type { ObservedEngine } from './observe-engine.ts';
import type { Refusal } from './step.ts';

export async function refuseUnread(
  host: Host,
  { process }: ObservedEngine,
  { config, tryStart }: Extract<OpenedConfig, { kind: 'Sound' }>,
): Promise<Refusal | undefined> {
  return !tryStart || (await isLoaded(host, process, config.files)) ? undefined : tryStart();
}
