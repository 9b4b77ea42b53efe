// Has the node's own dockerd judge a daemon.json, where it can: Docker 23.0 and later have `--validate`.
import { hostPaths } from '../../../crds/names.ts';
import { isBlank, readDaemonJson } from '../../engine/docker/daemon-json.ts';
import type { Host } from '../../host/host.ts';
import { lastLine } from '../dump-config.ts';
import type { ObservedEngine } from '../observe-engine.ts';
import { refuse } from '../step.ts';
import type { Candidate, Trial } from './driver.ts';

const candidatePath = `${hostPaths.state}/daemon.json.candidate`;

/** What is wrong with a file, in the words of a report; without a file, with the flags alone. */
export async function checkDaemonJson(
  host: Host,
  { process: { exe, argv }, answer }: ObservedEngine,
  path: string | undefined,
): Promise<string | undefined> {
  const reading = readDaemonJson(path === undefined ? undefined : await host.read(path));
  if (reading.kind === 'Unreadable') return reading.why;
  const { defaultRuntime, runtimes = {} } = reading.config;
  if (defaultRuntime !== undefined && !isKnown(defaultRuntime, runtimes)) {
    return `its default runtime ${defaultRuntime} is not among its runtimes`;
  }
  const major = answer.kind === 'Answered' ? Number(/^\d+/.exec(answer.engineVersion)?.[0]) : 0;
  if (major < 23) return oldProblem(reading.config.text);
  if (exe === undefined || path === undefined) return undefined;
  const { exitCode, stderr } = await host.run([
    exe,
    ...withoutConfigFile(argv.slice(1)),
    '--validate',
    `--config-file=${path}`,
  ]);
  return exitCode === 0 ? undefined : `dockerd refuses it (${lastLine(stderr)})`;
}

/** What a Docker without `--validate` does not start with, and a later one does. Tried on 20.10. */
function oldProblem(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (isBlank(text)) return 'it is empty';
  return text.startsWith('\uFEFF') ? 'it begins with a byte order mark' : undefined;
}

/** *Guarantees*: takes the candidate away again. */
export async function tryDockerCandidate(host: Host, engine: ObservedEngine, { files }: Candidate): Promise<Trial> {
  const changed = files.find(({ path }) => path === engine.configPath);
  const before = readDaemonJson(await host.read(engine.configPath));
  const after = changed?.after === undefined ? before : readDaemonJson(new TextEncoder().encode(changed.after));
  if (after.kind === 'Unreadable') return rejected(after.why);
  try {
    const problem = changed?.after === undefined ? undefined : await judge(host, engine, changed.after);
    if (problem !== undefined) return rejected(problem);
    return { kind: 'Accepted', handlers: Object.keys(after.config.runtimes ?? {}) };
  } finally {
    await discardDockerCandidate(host);
  }
}

async function judge(host: Host, engine: ObservedEngine, text: string): Promise<string | undefined> {
  await host.makeFolder(hostPaths.state, 0o700);
  await host.replace(candidatePath, new TextEncoder().encode(text), 0o600);
  return checkDaemonJson(host, engine, candidatePath);
}

export async function discardDockerCandidate(host: Host): Promise<void> {
  if (await host.stat(candidatePath)) await host.removeFile(candidatePath);
  await host.removeEmptyFolder(hostPaths.state);
}

/** Docker's own, and those that containerd knows by their type. */
function isKnown(name: string, runtimes: Readonly<Record<string, unknown>>): boolean {
  return name in runtimes || name === 'runc' || name.includes('.');
}

function withoutConfigFile(argv: readonly string[]): string[] {
  return argv.filter((word, index) => !word.startsWith('--config-file') && argv[index - 1] !== '--config-file');
}

function rejected(why: string): Trial {
  const message = `Cannot change the config of Docker: ${why}.`;
  const hint = 'The config on the node is as it was; please report this with its daemon.json.';
  return { kind: 'Rejected', refusal: refuse('failed', 'CandidateRefused', message, hint) };
}
