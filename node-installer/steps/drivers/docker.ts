// Docker for the steps: entries in the runtimes of its daemon.json, loaded by a reload, so that no container notices.
import { dirname } from 'node:path/posix';
import { hostPaths } from '../../../crds/names.ts';
import { type DaemonJson, readDaemonJson } from '../../engine/docker/daemon-json.ts';
import {
  type DockerNow,
  ownRuntimes,
  parseDaemonJsonRecord,
  planDockerAddition,
  planDockerRemoval,
  tidiedDaemonJson,
} from '../../engine/docker/plan.ts';
import { isEntryOf, unfitForDocker } from '../../engine/docker/runtime-entry.ts';
import type { EngineConfig, Obstacle } from '../../engine/engine.ts';
import { flag } from '../../engine/find-engine.ts';
import type { Host } from '../../host/host.ts';
import type { ObservedEngine } from '../observe-engine.ts';
import { readText } from '../read-files-now.ts';
import { refuse } from '../step.ts';
import { checkDaemonJson, discardDockerCandidate, tryDockerCandidate } from './docker-candidate.ts';
import type { EngineDriver } from './driver.ts';

const traceOf = (runtime: string): string => `${hostPaths.docker}/${runtime}.json`;
/** No SandboxRuntime's trace can be called so: it has no ending. */
const recordPath = `${hostPaths.docker}/found`;

export const dockerDriver: EngineDriver = {
  kind: 'docker',
  folders: ({ configPath }) => [dirname(configPath)],
  ownFolders: [hostPaths.docker],
  traces: (runtime) => [traceOf(runtime)],
  isLast,
  discardCandidate: discardDockerCandidate,
  open: async (host, engine, runtime, outcome) => {
    const unsound = (why: string) => {
      const message = `Cannot use the config of Docker: ${engine.configPath}: ${why}.`;
      const hint = 'Repair the file. Bulkhead has changed nothing.';
      return { kind: 'Unsound', refusal: refuse(outcome, 'ConfigBroken', message, hint) } as const;
    };
    const reading = readDaemonJson(await host.read(engine.configPath));
    if (reading.kind === 'Unreadable') return unsound(reading.why);
    const problem = await checkDaemonJson(
      host,
      engine,
      reading.config.text === undefined ? undefined : engine.configPath,
    );
    if (problem !== undefined) return unsound(problem);
    const now = await readNow(host, engine.configPath, reading.config, runtime);
    return {
      kind: 'Sound',
      config: configOf(engine, now, runtime, await isLast(host, runtime)),
      tryCandidate: (candidate) => tryDockerCandidate(host, engine, candidate),
      tidy: () => tidy(host, now, runtime),
    };
  },
  loadedFiles: async (host, { configPath }) => {
    const reading = readDaemonJson(await host.read(configPath));
    return reading.kind === 'Read' ? loaded(configPath, reading.config) : undefined;
  },
};

function configOf(engine: ObservedEngine, now: DockerNow, runtime: string, last: boolean): EngineConfig {
  const { config, path } = now;
  const runtimes = config.runtimes ?? {};
  const { answer } = engine;
  const version = answer.kind === 'Answered' ? answer.engineVersion : '';
  const obstacle = flagObstacle(engine);
  return {
    files: loaded(path, config),
    handlers: Object.keys(runtimes),
    own: ownRuntimes(config, runtime),
    definedBy: (handler) => {
      if (handler in runtimes) return isEntryOf(runtime, runtimes[handler]) ? undefined : path;
      // What else it lists may be left over in its memory: a reload of a file without the key drops none.
      return handler === 'runc' ? 'Docker itself' : undefined;
    },
    typeOf: (handler) => {
      const { runtimeType } = (runtimes[handler] ?? {}) as { runtimeType?: unknown };
      return typeof runtimeType === 'string' && !runtimeType.startsWith('/') ? runtimeType : undefined;
    },
    ...(obstacle ? { obstacle } : {}),
    unfit: (handler) => unfitForDocker(handler, version),
    planAddition: (task, folder) => planDockerAddition(now, task, folder),
    planRemoval: () => planDockerRemoval(now, runtime, last),
  };
}

/** A reload takes the runtimes of the file in place of all that dockerd had (tried on 20.10 and 29). */
function flagObstacle({ process, configPath }: ObservedEngine): Obstacle | undefined {
  if (flag(process.argv, ['add-runtime']) === undefined) return undefined;
  return {
    reason: 'RuntimesInFlags',
    message: 'Cannot add handlers to Docker: its dockerd was given --add-runtime, and would forget those at a reload.',
    hint: `Move the runtimes of that flag into ${configPath} and restart Docker.`,
  };
}

async function readNow(host: Host, path: string, config: DaemonJson, runtime: string): Promise<DockerNow> {
  const fileAt = async (at: string) => ({ path: at, text: await readText(host, at) });
  const folder = dirname(path);
  return {
    path,
    config,
    trace: await fileAt(traceOf(runtime)),
    record: await fileAt(recordPath),
    missingFolder: (await host.stat(folder)) ? undefined : folder,
  };
}

async function isLast(host: Host, runtime: string): Promise<boolean> {
  const names = await host.list(hostPaths.docker);
  return names.every((name) => !name.endsWith('.json') || name === `${runtime}.json`);
}

/** The last touch to the file changes nothing that dockerd would read, so it needs no reload. What was remembered goes last. */
async function tidy(host: Host, { path, record }: DockerNow, runtime: string): Promise<void> {
  const text = await readText(host, path);
  const found = parseDaemonJsonRecord(record.text);
  const after = tidiedDaemonJson(text, found);
  if (after === undefined) await host.removeFile(path);
  else if (after !== text) await host.replace(path, new TextEncoder().encode(after), 0o644);
  if (found?.madeFolder !== undefined) await host.removeEmptyFolder(found.madeFolder);
  await host.removeFile(traceOf(runtime));
  await host.removeFile(recordPath);
  await host.removeEmptyFolder(hostPaths.docker);
}

function loaded(path: string, { text }: DaemonJson) {
  return text === undefined ? [] : [{ path, text }];
}
