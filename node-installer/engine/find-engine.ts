// Finds the container engine that kubelet uses, among the host's running processes; the PATH says nothing about what runs.
import type { EngineFacts } from '../../crds/node-facts.ts';

/** What is looked at of a process. */
export type ProcessView = {
  readonly pid: number;
  readonly exe?: string;
  readonly argv: readonly string[];
  readonly cgroups: readonly string[];
  readonly nested: boolean;
};

export type EngineProcess<P extends ProcessView> = {
  readonly kind: EngineFacts['kind'];
  readonly process: P;
  readonly configPath: string;
  /** The socket that a flag names; else the config does, or nobody. */
  readonly socketFlag?: string;
  /** The service that the process belongs to. */
  readonly unit: string;
};

const engines = [
  {
    kind: 'containerd',
    program: 'containerd',
    socketFlags: ['address', 'a'],
    config: '/etc/containerd/config.toml',
    unit: 'containerd.service',
  },
  { kind: 'cri-o', program: 'crio', socketFlags: ['listen'], config: '/etc/crio/crio.conf', unit: 'crio.service' },
  {
    kind: 'docker',
    program: 'cri-dockerd',
    socketFlags: ['container-runtime-endpoint'],
    config: '/etc/docker/daemon.json',
    unit: 'docker.service',
  },
] as const;

/** Programs that are kubelet, or have it in them. */
const kubelets = ['kubelet', 'k3s', 'rke2', 'k0s', 'kubelite'];

/** Where containerd listens unless it is told otherwise. */
export const defaultContainerdSocket = '/run/containerd/containerd.sock';

/**
 * The engine whose socket kubelet was given. Without that knowledge, as where kubelet is part of a larger program, one with a config of
 * its own comes before one that any package may have brought; never one that is Docker's or in a container.
 * `socketOf` tells the socket of an engine whose flags do not.
 */
export function findEngine<P extends ProcessView>(
  processes: readonly P[],
  usedSocket: string | undefined,
  socketOf: (engine: EngineProcess<P>) => string,
): EngineProcess<P> | undefined {
  const found = processes.filter(isHostService).flatMap(asEngine);
  const used = found.find((engine) => usedSocket !== undefined && normalizeRun(socketOf(engine)) === usedSocket);
  const containerds = found.filter((engine) => !isDockers(engine));
  return used ?? found.find(({ kind }) => kind !== 'containerd') ?? containerds.find(hasOwnConfig) ?? containerds[0];
}

function hasOwnConfig({ kind, configPath }: EngineProcess<ProcessView>): boolean {
  return engines.every((engine) => engine.kind !== kind || engine.config !== configPath);
}

/** The CRI socket in kubelet's flags, or else in the text of its config file. */
export function kubeletSocket(argv: readonly string[], configText: string): string | undefined {
  const configured = /^\s*"?containerRuntimeEndpoint"?\s*:\s*["']?([^"'\s,]+)/m.exec(configText)?.[1];
  const endpoint = flag(argv, ['container-runtime-endpoint']) ?? configured;
  return endpoint ? normalizeRun(withoutScheme(endpoint)) : undefined;
}

export function kubelet<P extends ProcessView>(processes: readonly P[]): P | undefined {
  return processes.find((process) => isHostService(process) && programs(process).includes('kubelet'));
}

/** Folder of the pods' volumes, when kubelet was given another than its own default. */
export function kubeletRoot(processes: readonly ProcessView[]): string | undefined {
  return flag(kubelet(processes)?.argv ?? [], ['root-dir']);
}

/** Whether kubelet is part of the engine's service, on its own or inside a program that has it built in, e.g. k3s. */
export function holdsKubelet(unit: string, processes: readonly ProcessView[]): boolean {
  return processes.some(
    (process) =>
      isHostService(process) &&
      unitOf(process.cgroups) === unit &&
      programs(process).some((program) => kubelets.includes(program)),
  );
}

/** The value of a flag, in any of the spellings that Go's programs take. */
export function flag(argv: readonly string[], names: readonly string[]): string | undefined {
  const pattern = new RegExp(`^--?(?:${names.join('|')})(?:=(.*))?$`);
  const index = argv.findIndex((argument) => pattern.test(argument));
  if (index === -1) return undefined;
  return pattern.exec(argv[index] ?? '')?.[1] ?? argv[index + 1];
}

/** Every value of a flag that may be given more than once. */
export function flags(argv: readonly string[], names: readonly string[]): string[] {
  return argv.flatMap((_, index) => flag(argv.slice(index, index + 2), names) ?? []);
}

function asEngine<P extends ProcessView>(process: P): EngineProcess<P>[] {
  const engine = engines.find(({ program }) => programs(process).includes(program));
  if (!engine || isOneOff(process)) return [];
  const socketFlag = flag(process.argv, engine.socketFlags);
  return [
    {
      kind: engine.kind,
      process,
      configPath: flag(process.argv, ['config', 'c']) ?? engine.config,
      ...(socketFlag === undefined ? {} : { socketFlag: withoutScheme(socketFlag) }),
      unit: unitOf(process.cgroups) ?? engine.unit,
    },
  ];
}

/** `containerd config dump`, `crio status` and the like, which end by themselves. */
function isOneOff({ argv }: ProcessView): boolean {
  return argv
    .slice(1)
    .some((argument) => ['config', 'publish', 'oci-hook', 'status', 'wipe', '--version', '-v'].includes(argument));
}

/** Neither in a container of its own nor in a pod that shares the host's PIDs. */
export function isHostService({ nested, cgroups }: ProcessView): boolean {
  return !nested && !cgroups.some((path) => path.includes('kubepods'));
}

function isDockers({ configPath, socketFlag = '' }: { configPath: string; socketFlag?: string }): boolean {
  return `${configPath} ${socketFlag}`.includes('/docker/');
}

export function programs({ exe, argv }: ProcessView): string[] {
  return [exe, argv[0]].flatMap((path) => (path === undefined ? [] : [path.slice(path.lastIndexOf('/') + 1)]));
}

export function unitOf(cgroups: readonly string[]): string | undefined {
  return cgroups.flatMap((path) => path.split('/')).find((part) => part.endsWith('.service'));
}

export function withoutScheme(endpoint: string): string {
  return endpoint.replace(/^unix:(\/\/)?/, '');
}

function normalizeRun(path: string): string {
  return path.replace(/^\/var\/run\//, '/run/');
}
