// Reads CRI-O's config from the host, and has the node's own CRI-O print what it makes of it.
import { type CrioFile, crioPaths, type CrioPaths, parseCrioFile } from '../../engine/crio/config-files.ts';
import { defaultRuntimePath } from '../../engine/crio/judge-config.ts';
import { parseToml, type Toml } from '../../engine/toml.ts';
import type { Host } from '../../host/host.ts';
import { lastLine } from '../dump-config.ts';
import type { ObservedEngine } from '../observe-engine.ts';
import { refuse, type Refusal } from '../step.ts';

export type CheckedCrio =
  | { readonly kind: 'Sound'; readonly paths: CrioPaths; readonly files: readonly CrioFile[]; readonly print: Toml }
  | { readonly kind: 'Unsound'; readonly refusal: Refusal };

export type CrioReading =
  | { readonly kind: 'Read'; readonly files: readonly CrioFile[] }
  | { readonly kind: 'Unparsable'; readonly path: string; readonly why: string };

type Print = { readonly kind: 'Printed'; readonly table: Toml } | { readonly kind: 'Refused'; readonly why: string };

const repair = 'Repair the file; the engine would not start with it. Bulkhead has changed nothing.';

/** *Source*: CRI-O `UpdateFromPath`: every file below the folder, whatever its name, in the order of `filepath.Walk`. */
export async function readCrioFiles(host: Host, { root, dropIns }: CrioPaths): Promise<CrioReading> {
  const files: CrioFile[] = [];
  for (const path of [root, ...(await filesBelow(host, dropIns))]) {
    const bytes = await host.read(path);
    if (!bytes) continue;
    const parsed = parseCrioFile(path, bytes);
    if (parsed.kind === 'Unparsable') return parsed;
    files.push(parsed.file);
  }
  return { kind: 'Read', files };
}

export async function checkCrio(
  host: Host,
  engine: ObservedEngine,
  outcome: 'ineligible' | 'failed',
): Promise<CheckedCrio> {
  const unsound = (reason: string, message: string, hint: string): CheckedCrio => ({
    kind: 'Unsound',
    refusal: refuse(outcome, reason, message, hint),
  });
  const paths = crioPaths(engine.process.argv);
  const reading = await readCrioFiles(host, paths);
  if (reading.kind === 'Unparsable') {
    const message = `Cannot use the config of CRI-O: ${reading.path} is not valid TOML (${reading.why}).`;
    return unsound('ConfigBroken', message, repair);
  }
  if (engine.process.exe === undefined) {
    const message = `Cannot find the binary of CRI-O: the link of process ${engine.process.pid} is not readable.`;
    return unsound('EngineUnreadable', message, 'The installer needs the capability SYS_PTRACE.');
  }
  const print = await printConfig(host, engine, paths);
  if (print.kind === 'Refused') {
    return unsound('ConfigBroken', `Cannot use the config of CRI-O: it refuses it (${print.why}).`, repair);
  }
  const program = defaultRuntimePath(print.table);
  if (program !== undefined && !(await host.stat(program))) {
    return unsound(
      'ConfigBroken',
      `Cannot use the config of CRI-O: its default runtime ${program} is not there.`,
      repair,
    );
  }
  return { kind: 'Sound', paths, files: reading.files, print: print.table };
}

/** With the flags of the running CRI-O, so that the handlers that they bring are in it. */
export async function printConfig(
  host: Host,
  { process: { exe = '', argv } }: ObservedEngine,
  { root, dropIns }: CrioPaths,
): Promise<Print> {
  const config = (await host.stat(root)) ? root : '';
  const flags = withoutFlags(argv.slice(1), ['config', 'c', 'config-dir', 'd']);
  const { exitCode, stdout, stderr } = await host.run([
    exe,
    ...flags,
    `--config=${config}`,
    `--config-dir=${dropIns}`,
    'config',
  ]);
  if (exitCode !== 0) return { kind: 'Refused', why: lastLine(stderr) };
  try {
    return { kind: 'Printed', table: parseToml(stdout) };
  } catch (error) {
    return { kind: 'Refused', why: `its print is not TOML (${lastLine(String(error))})` };
  }
}

/** Go's flags, each with its value in the same word or the next. */
function withoutFlags(argv: readonly string[], names: readonly string[]): string[] {
  const pattern = new RegExp(`^--?(?:${names.join('|')})(=.*)?$`);
  return argv.filter((word, index) => {
    const before = pattern.exec(argv[index - 1] ?? '');
    return !pattern.test(word) && !(before && before[1] === undefined);
  });
}

async function filesBelow(host: Host, folder: string): Promise<string[]> {
  const below = (await host.list(folder)).map(async (name) => {
    const path = `${folder}/${name}`;
    return (await host.stat(path))?.kind === 'directory' ? filesBelow(host, path) : [path];
  });
  return (await Promise.all(below)).flat();
}
