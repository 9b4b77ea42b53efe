// What `make vm-e2e-kata` is to try: decided by its environment and the names of the archives that it was given. Pure.

import { basename } from 'node:path';

import { kata } from '../../runtime/kata.ts';
import { kataVariants } from '../../runtime/kata-variants.ts';

export interface KataTrial {
  readonly version: string;
  /** Files on this machine, laid over each other. */
  readonly archives: readonly string[];
  /** Those of the upgrade; none when the first are to come again with one more file. */
  readonly nextArchives: readonly string[] | undefined;
  readonly handlers: readonly { readonly name: string; readonly config: string }[];
}

/** Upstream's default of each shim, by the archive that brings it. */
const defaultHandlers: Readonly<Record<string, string>> = {
  'kata-static': 'kata-qemu-runtime-rs',
  'kata-go-static': 'kata-qemu',
};

/** *Errors*: throws for an environment that names nothing to try. */
export const kataTrialOf = (env: Readonly<Record<string, string | undefined>>): KataTrial => {
  const archives = listOf(env['KATA_ARCHIVES']);
  if (archives.length === 0) {
    throw new Error('Cannot try Kata: KATA_ARCHIVES names no archive. Give it upstream’s, separated by commas.');
  }
  const nextArchives = listOf(env['KATA_ARCHIVES_2']);
  const parts = archives.map(partsOf);
  const brought = parts.flatMap(({ name }) => defaultHandlers[name ?? ''] ?? []);
  const asked = listOf(env['KATA_HANDLERS']);
  const names = [...new Set([asked, brought, ['kata-qemu-runtime-rs']].find((list) => list.length > 0))];
  return {
    version: env['KATA_VERSION'] || versionOf(parts.flatMap(({ version }) => version ?? [])),
    archives,
    nextArchives: nextArchives.length > 0 ? nextArchives : undefined,
    handlers: names.map((name) => ({ name, config: patienceOf(name) })),
  };
};

const listOf = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** *Source*: the names of Kata's release assets, e.g. `kata-go-static-4.2.0-amd64.tar.zst`. */
const partsOf = (file: string): { readonly name?: string; readonly version?: string } => {
  const [, name, version] = /^(kata(?:-go)?-static)-(\d+(?:\.\d+)+)-/.exec(basename(file)) ?? [];
  return name === undefined || version === undefined ? {} : { name, version };
};

/** What the catalogue does not have is laid out as what it has, until somebody finds that it is not. */
const versionOf = (named: readonly string[]): string => {
  const known = kata.versions.map(({ version }) => version);
  return named.find((version) => known.includes(version)) ?? known[0]!;
};

const hypervisors = ['qemu', 'clh', 'firecracker', 'dragonball', 'openvmm'];

/**
 * A guest that boots inside an emulated machine takes its time, and the machine has little memory.
 * *Source*: the shims' own limits are 3 s (Rust) or 45 s (Go) to reach the agent, 30 or 60 s to make a container.
 */
const patienceOf = (handler: string): string => {
  const variant = kataVariants.find(({ handlerName }) => handlerName === handler);
  if (variant === undefined) {
    const known = kataVariants.map(({ handlerName }) => handlerName).join(', ');
    throw new Error(`Cannot try Kata: KATA_HANDLERS names ${handler}. Name some of ${known}.`);
  }
  const reads = (...setting: readonly string[]) => variant.options?.objection(setting) === undefined;
  const hypervisor = hypervisors.find((name) => reads('hypervisor', name)) ?? 'qemu';
  const isRust = reads('agent', 'kata', 'reconnect_timeout_ms');
  return [
    `[hypervisor.${hypervisor}]`,
    'default_memory = 512',
    '[agent.kata]',
    ...(isRust ? ['reconnect_timeout_ms = 300_000', 'create_container_timeout = 300'] : ['dial_timeout = 300']),
    ...(isRust ? [] : ['[runtime]', 'create_container_timeout = 300']),
    '',
  ].join('\n');
};
