// Has the node's own CRI-O print a changed config, from copies in a folder of ours: the real ones are as they were throughout.
import { hostPaths } from '../../../crds/names.ts';
import { crioHandlers } from '../../engine/crio/config-files.ts';
import { strayHandlers, unmetCrioSettings } from '../../engine/crio/judge-config.ts';
import type { Host } from '../../host/host.ts';
import type { ObservedEngine } from '../observe-engine.ts';
import { refuse } from '../step.ts';
import { type CheckedCrio, printConfig } from './crio-config.ts';
import type { Candidate, Trial } from './driver.ts';

const candidateFolder = `${hostPaths.state}/crio-candidate.d`;

type SoundCrio = Extract<CheckedCrio, { kind: 'Sound' }>;

/** *Guarantees*: takes the copies away again. */
export async function tryCrioCandidate(
  host: Host,
  engine: ObservedEngine,
  checked: SoundCrio,
  candidate: Candidate,
): Promise<Trial> {
  try {
    await writeCopies(host, checked, candidate);
    const print = await printConfig(host, engine, { ...checked.paths, dropIns: candidateFolder });
    if (print.kind === 'Refused') return rejected('CandidateRefused', `it refuses the change (${print.why})`);
    const defined = checked.files.flatMap(({ table }) => crioHandlers(table));
    const stray = strayHandlers(checked.print, print.table, { ours: candidate.handlers, defined });
    if (stray.length > 0) return rejected('CandidateUnfit', `${stray.join(', ')} would change as well`);
    const unmet = candidate.wanted.flatMap((handler) =>
      unmetCrioSettings(print.table, handler, candidate.folder).map((key) => `${key} of ${handler.name}`),
    );
    if (unmet.length > 0) return rejected('CandidateUnfit', `it would not see ${unmet.join(', ')}`);
    return { kind: 'Accepted', handlers: crioHandlers(print.table) };
  } finally {
    await discardCrioCandidate(host);
  }
}

/** Looks before it writes, so that nothing changes where there is nothing. */
export async function discardCrioCandidate(host: Host): Promise<void> {
  if (await host.stat(candidateFolder)) await host.removeTree(candidateFolder);
  await host.removeEmptyFolder(hostPaths.state);
}

/** The whole drop-in folder as it would be, in its order. A drop-in that is new comes last: it has only handlers that no other has. */
async function writeCopies(host: Host, { paths, files }: SoundCrio, candidate: Candidate): Promise<void> {
  const isDropIn = (path: string) => path.startsWith(`${paths.dropIns}/`);
  const texts = new Map(files.filter(({ path }) => isDropIn(path)).map(({ path, text }) => [path, text]));
  for (const { path, after } of candidate.files.filter((file) => isDropIn(file.path))) {
    if (after === undefined) texts.delete(path);
    else texts.set(path, after);
  }
  await host.makeFolder(hostPaths.state, 0o700);
  await host.makeFolder(candidateFolder, 0o700);
  for (const [index, text] of [...texts.values()].entries()) {
    const name = String(index).padStart(4, '0');
    await host.replace(`${candidateFolder}/${name}`, new TextEncoder().encode(text), 0o600);
  }
}

function rejected(reason: string, why: string): Trial {
  const message = `Cannot change the config of CRI-O: ${why}.`;
  const hint = 'The config on the node is as it was; please report this with the files of its drop-in folder.';
  return { kind: 'Rejected', refusal: refuse('failed', reason, message, hint) };
}
