// Takes away what an installer that was killed has left beside the files that it was writing. It finishes nothing.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import { type Host, isUnfinished, unfinishedPath } from '../host/host.ts';
import type { EngineDriver } from './drivers/driver.ts';
import type { ObservedEngine } from './observe-engine.ts';

/** *Guarantees*: looks before it writes, so that nothing changes where there is nothing. */
export async function discardLeftovers(host: Host, driver: EngineDriver, engine: ObservedEngine): Promise<void> {
  const engineFolders = [dirname(await host.realPath(engine.configPath)), ...driver.folders(engine)];
  const ownFolders = [hostPaths.state, hostPaths.undo, hostPaths.units, hostPaths.modulesLoad];
  const folders = [...engineFolders, ...ownFolders].map((folder) => dirname(unfinishedPath(`${folder}/file`)));
  for (const folder of new Set(folders)) {
    const unfinished = (await host.list(folder)).filter(isUnfinished);
    for (const name of unfinished) await host.removeFile(`${folder}/${name}`);
  }
  await driver.discardCandidate(host, engine);
}
