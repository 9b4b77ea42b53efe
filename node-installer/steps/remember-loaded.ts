// Writes down that the engine that runs now has read the config that is on disk now.
import type { Host } from '../host/host.ts';
import { recordLoaded } from './engine-loaded.ts';
import { observeEngine } from './observe-engine.ts';

/** For after a restart: the engine is another process than before. */
export async function rememberLoaded(host: Host): Promise<void> {
  const engine = await observeEngine(host, await host.processes());
  if (engine?.config?.kind === 'Read') await recordLoaded(host, engine.process, engine.config.tree);
}
