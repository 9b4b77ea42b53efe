// Shows a changed config to the node's own containerd binary before it is put in place, and judges what it makes of it.
import { basename, dirname } from 'node:path/posix';
import { hostPaths } from '../../crds/names.ts';
import type { Toml } from '../engine/toml.ts';
import { handlersInDump, hiddenProblems, strayChanges, unmetSettings } from '../engine/containerd/judge-config.ts';
import type { Host } from '../host/host.ts';
import type { CheckedConfig } from './check-config.ts';
import type { Candidate, Trial } from './drivers/driver.ts';
import { dumpConfig } from './dump-config.ts';
import { readText } from './read-files-now.ts';
import { refuse } from './step.ts';

const candidateFolder = `${hostPaths.state}/candidate`;
const candidateGlob = `${candidateFolder}/*.toml`;

type ContainerdCandidate = Candidate & {
  readonly checked: Extract<CheckedConfig, { kind: 'Sound' }>;
  /** Where drop-ins come or go, and how the root imports them. */
  readonly dropIns: { readonly folder: string; readonly glob: string } | undefined;
};

const nothingChanged = 'The config on the node is as it was; please report this with the config file.';

/** *Guarantees*: writes beside the config only, and takes it away again. */
export async function tryCandidate(host: Host, candidate: ContainerdCandidate): Promise<Trial> {
  try {
    const path = await writeCandidate(host, candidate);
    const dump = await dumpConfig(host, candidate.checked.program, path);
    return dump.kind === 'Refused'
      ? rejected('CandidateRefused', `containerd refuses it (${dump.why})`)
      : judge(candidate, dump.table);
  } finally {
    await discardCandidate(host, candidate.checked.tree.rootPath);
  }
}

/** Also what a crash left of an earlier one. Looks before it writes, so that nothing changes where there is nothing. */
export async function discardCandidate(host: Host, rootPath: string): Promise<void> {
  if (await host.stat(besideRoot(rootPath))) await host.removeFile(besideRoot(rootPath));
  if (await host.stat(candidateFolder)) await host.removeTree(candidateFolder);
  await host.removeEmptyFolder(hostPaths.state);
}

function judge({ checked, handlers, wanted, folder }: ContainerdCandidate, dump: Toml): Trial {
  const [problem] = hiddenProblems(checked.tree, dump);
  if (problem !== undefined) return rejected('CandidateRefused', problem);
  const stray = strayChanges(checked.dump, dump, handlers);
  if (stray.length > 0) return rejected('CandidateUnfit', `it would also change ${some(stray)}`);
  const unmet = wanted.flatMap((handler) =>
    unmetSettings(dump, handler, folder).map((setting) => `${setting} of ${handler.name}`),
  );
  if (unmet.length > 0) return rejected('CandidateUnfit', `containerd would not see ${some(unmet)}`);
  return { kind: 'Accepted', handlers: handlersInDump(dump) };
}

function rejected(reason: string, why: string): Trial {
  const message = `Cannot change the config of containerd: ${why}.`;
  return { kind: 'Rejected', refusal: refuse('failed', reason, message, nothingChanged) };
}

function some(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/**
 * The changed root file beside the real one, for its relative imports, with the drop-ins imported from a folder of copies.
 * `undefined` when there will be no root file.
 */
async function writeCandidate(
  host: Host,
  { checked: { tree }, files, dropIns }: ContainerdCandidate,
): Promise<string | undefined> {
  const changed = new Map(files.map(({ path, after }) => [path, after]));
  await host.makeFolder(hostPaths.state, 0o700);
  await host.makeFolder(candidateFolder, 0o700);
  if (dropIns) await copyDropIns(host, dropIns.folder, changed);
  const root = changed.has(tree.rootPath) ? changed.get(tree.rootPath) : tree.root?.text;
  if (root === undefined) return undefined;
  const path = tree.root ? besideRoot(tree.rootPath) : `${candidateFolder}/root`;
  await host.replace(path, encode(dropIns ? root.replaceAll(dropIns.glob, candidateGlob) : root), 0o600);
  return path;
}

async function copyDropIns(
  host: Host,
  folder: string,
  changed: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  const now = (await host.list(folder)).filter((name) => name.endsWith('.toml')).map((name) => `${folder}/${name}`);
  const planned = [...changed.keys()].filter((path) => dirname(path) === folder);
  for (const path of new Set([...now, ...planned])) {
    const text = changed.has(path) ? changed.get(path) : await readText(host, path);
    if (text !== undefined) await host.replace(`${candidateFolder}/${basename(path)}`, encode(text), 0o600);
  }
}

/** No *.toml glob takes it. */
function besideRoot(rootPath: string): string {
  return `${rootPath}.bulkhead-candidate`;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
