// Writes down that the engine that runs now has read the config that is on disk now.
import type { Host } from '../host/host.ts';
import { driverOf } from './drivers/driver-of.ts';
import { recordLoaded } from './engine-loaded.ts';
import { refusalOf } from './no-disk-space.ts';
import { observeEngine } from './observe-engine.ts';

/** For after a restart: the engine is another process than before. Where the disk takes no note, the clocks have to do. */
export async function rememberLoaded(host: Host): Promise<void> {
  const engine = await observeEngine(host, await host.processes());
  const files = engine && (await driverOf(engine.kind)?.loadedFiles(host, engine));
  if (engine && files) await refusalOf(() => recordLoaded(host, engine.process, files));
}
