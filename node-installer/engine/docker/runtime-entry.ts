// A handler as an entry of Docker's runtimes, and what a Docker cannot run.
// Source: dockerd's reference, "Configure container runtimes"; named shims with options since Docker 24.0 (moby/moby#45032).
import { hostPaths } from '../../../crds/names.ts';
import { folderPlaceholder, type HandlerTask } from '../../../crds/node-task.ts';
import type { Obstacle } from '../engine.ts';
import type { DockerRuntime } from './runtimes-edit.ts';

/** The OCI runtime where the payload has one, since every Docker runs those; else the shim, with its options. */
export function dockerRuntime(handler: HandlerTask, folder: string): DockerRuntime {
  const binary = ociRuntime(handler);
  if (binary !== undefined) return { path: binary.replaceAll(folderPlaceholder, folder) };
  const options = Object.entries(handler.options).map(
    ([key, value]) => [key, typeof value === 'string' ? value.replaceAll(folderPlaceholder, folder) : value] as const,
  );
  return {
    runtimeType: `${folder}/${handler.runtimePath ?? ''}`,
    ...(options.length === 0 ? {} : { options: Object.fromEntries(options) }),
  };
}

export function unfitForDocker(handler: HandlerTask, version: string): Obstacle | undefined {
  if (ociRuntime(handler) !== undefined) return undefined;
  const runsShims = Number(/^\d+/.exec(version)?.[0]) >= 24;
  if (handler.runtimePath !== undefined && runsShims) return undefined;
  const what =
    handler.runtimePath === undefined ? `${handler.runtimeType} is no runtime of the payload` : 'it is a shim';
  return {
    reason: 'EngineCannotRun',
    message: `Cannot run ${handler.name} with Docker ${version}: ${what}, and this Docker runs ${runsShims ? 'files only' : 'OCI runtimes only'}.`,
    hint: 'Upgrade Docker to 24.0 or later, or keep the node out by spec.nodes.selector.',
  };
}

/** An entry is known as a SandboxRuntime's by the folder that it leads into: JSON has no comments. */
export function isEntryOf(runtime: string, entry: unknown): boolean {
  const { path, runtimeType } = (entry ?? {}) as Record<string, unknown>;
  return [path, runtimeType].some(
    (value) => typeof value === 'string' && value.startsWith(`${hostPaths.prefix}/${runtime}/`),
  );
}

function ociRuntime({ ociRuntime: path, runtimeType, options }: HandlerTask): string | undefined {
  if (path !== undefined) return `${folderPlaceholder}/${path}`;
  const binary = options['BinaryName'];
  return runtimeType === 'io.containerd.runc.v2' && typeof binary === 'string' ? binary : undefined;
}
