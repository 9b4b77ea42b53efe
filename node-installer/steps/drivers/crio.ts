// CRI-O for the steps: one drop-in per SandboxRuntime, judged by CRI-O's own print of its config, loaded by a restart.
// A reload (SIGHUP) would do for handlers, but forgets what flags and `conmon` settings made of all of them (CRI-O `Config.Reload`).
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../../crds/names.ts';
import type { EngineConfig } from '../../engine/engine.ts';
import { crioHandler, crioHandlers, crioPaths } from '../../engine/crio/config-files.ts';
import { dropInName, unfitForCrio } from '../../engine/crio/drop-in.ts';
import { type CrioNow, ownCrioHandlers, planCrioAddition, planCrioRemoval } from '../../engine/crio/plan.ts';
import type { Host } from '../../host/host.ts';
import { runtimeFolder } from '../../payload/folder.ts';
import { processesUsing } from '../processes-using.ts';
import { readText } from '../read-files-now.ts';
import { type CheckedCrio, checkCrio, readCrioFiles } from './crio-config.ts';
import { discardCrioCandidate, tryCrioCandidate } from './crio-candidate.ts';
import type { EngineDriver } from './driver.ts';

const recordOf = (runtime: string): string => `${hostPaths.crio}/${runtime}.json`;
const madeFolderPath = `${hostPaths.crio}/made-folder`;

export const crioDriver: EngineDriver = {
  kind: 'cri-o',
  folders: ({ process }) => [crioPaths(process.argv).dropIns],
  ownFolders: [hostPaths.crio],
  traces: (runtime) => [recordOf(runtime)],
  isLast,
  discardCandidate: discardCrioCandidate,
  open: async (host, engine, runtime, outcome) => {
    const checked = await checkCrio(host, engine, outcome);
    if (checked.kind === 'Unsound') return checked;
    const now = await readNow(host, checked.paths.dropIns, runtime);
    const users = processesUsing(await host.processes(), runtimeFolder(runtime));
    const facts = { isLast: await isLast(host, runtime), isInUse: users.length > 0 };
    return {
      kind: 'Sound',
      config: configOf(checked, now, facts),
      tryCandidate: (candidate) => tryCrioCandidate(host, engine, checked, candidate),
      tidy: () => tidy(host, now, runtime),
    };
  },
  loadedFiles: async (host, { process }) => {
    const reading = await readCrioFiles(host, crioPaths(process.argv));
    return reading.kind === 'Read' ? reading.files : undefined;
  },
};

function configOf(
  { files, print }: Extract<CheckedCrio, { kind: 'Sound' }>,
  now: CrioNow,
  facts: { readonly isLast: boolean; readonly isInUse: boolean },
): EngineConfig {
  const own = ownCrioHandlers(now.dropIn.text);
  // CRI-O cannot end a pod whose handler it no longer knows.
  const held = facts.isInUse ? own : [];
  return {
    files,
    handlers: crioHandlers(print),
    own,
    held,
    definedBy: (handler) => {
      const definers = files.filter(({ table }) => crioHandlers(table).includes(handler)).map(({ path }) => path);
      const other = definers.find((path) => path !== now.dropIn.path);
      if (other !== undefined) return other;
      return crioHandlers(print).includes(handler) && definers.length === 0 ? 'the config of CRI-O' : undefined;
    },
    typeOf: (handler) => (crioHandler(print, handler)['runtime_type'] === 'oci' ? 'io.containerd.runc.v2' : undefined),
    unfit: unfitForCrio,
    planAddition: (task, folder) => planCrioAddition(now, task, folder, held),
    planRemoval: () => planCrioRemoval(now, facts.isLast),
  };
}

async function readNow(host: Host, dropIns: string, runtime: string): Promise<CrioNow> {
  const fileAt = async (path: string) => ({ path, text: await readText(host, path) });
  return {
    dropIn: await fileAt(`${dropIns}/${dropInName(runtime)}`),
    record: await fileAt(recordOf(runtime)),
    madeFolder: await fileAt(madeFolderPath),
    dropInFolder: { path: dropIns, isThere: (await host.stat(dropIns)) !== undefined },
  };
}

async function isLast(host: Host, runtime: string): Promise<boolean> {
  const names = await host.list(hostPaths.crio);
  return names.every((name) => !name.endsWith('.json') || name === `${runtime}.json`);
}

async function tidy(host: Host, { dropIn, madeFolder }: CrioNow, runtime: string): Promise<void> {
  if (madeFolder.text !== undefined) await host.removeEmptyFolder(dirname(dropIn.path));
  await host.removeFile(madeFolderPath);
  await host.removeFile(recordOf(runtime));
  await host.removeEmptyFolder(hostPaths.crio);
}
