// Gives a payload's programs the SELinux type under which engines run programs, where the host has SELinux. Files that are only read keep theirs.
import type { NodeFacts } from '../../crds/node-facts.ts';
import { manifestName } from '../../crds/payload-manifest.ts';
import type { Host } from '../host/host.ts';
import { parseManifest } from '../payload/manifest.ts';
import { lastLine } from './dump-config.ts';

/** *Source*: container-selinux `container.fc`, which has it for the programs below /opt/kata. */
const programType = 'container_runtime_exec_t';

export type Labelled = {
  readonly changed: boolean;
  /** Why the label stays as it is; an engine that is not confined runs the programs all the same. */
  readonly message?: string;
};

/**
 * *Guarantees*: writes nothing where the labels are right.
 * No policy knows the folder, so that a relabelling of the host takes them away; the next run of an installer brings them back.
 */
export async function labelPrograms(host: Host, folder: string, selinux: NodeFacts['selinux']): Promise<Labelled> {
  if (selinux === 'disabled') return { changed: false };
  const programs = await programsIn(host, folder);
  const wrong = await withoutType(host, programs);
  if (wrong.length === 0) return { changed: false };
  const { exitCode, stderr } = await host.run(['chcon', '--type', programType, ...wrong]);
  if (exitCode === 0) return { changed: true };
  const message = `The programs of ${folder} keep the SELinux label of their folder: chcon on the node failed (${lastLine(stderr)}).`;
  return { changed: false, message };
}

async function programsIn(host: Host, folder: string): Promise<string[]> {
  const bytes = await host.read(`${folder}/${manifestName}`);
  const files = (bytes && parseManifest(bytes)?.files) ?? [];
  return files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => `${folder}/${path}`);
}

/** A label is `user:role:type:level`. All of them where the host cannot tell. */
async function withoutType(host: Host, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const { exitCode, stdout } = await host.run(['stat', '--format', '%C', ...paths]);
  const labels = exitCode === 0 ? stdout.trimEnd().split('\n') : [];
  return paths.filter((_, index) => labels[index]?.split(':')[2] !== programType);
}
