// The command line of the payload builder as values: which runtime, from which archives, into which file. It opens no archive.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { kubernetesArch } from '../../crds/kubernetes-values.ts';
import type { Digest } from '../../crds/payload-source.ts';
import { type SandboxRuntimeSpec, sandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import { UnfitPayload } from '../../node-installer/payload/unfit-payload.ts';

export type Arch = (typeof kubernetesArch.options)[number];

/** An archive on this machine or at a URL. Without `arch` it is for every architecture. */
export type GivenArchive = { readonly from: string; readonly digest: Digest; readonly arch?: Arch };

export type PayloadCommand = {
  readonly spec: SandboxRuntimeSpec;
  /** Empty: what the spec says, else the catalogue's. */
  readonly sources: readonly GivenArchive[];
  readonly arches: readonly Arch[];
  /** Full reference with a tag. Default: made of family and version. */
  readonly name?: string;
  /** Without the installer. */
  readonly dataOnly: boolean;
  /** The tar to write. */
  readonly out: string;
};

const usage = `node hack/payload-image.ts --out FILE
  --family kata [--version 4.2.0] [--handlers kata-qemu,kata-clh]   or  --spec FILE, a SandboxRuntime in YAML
  [--source '[ARCH=]FILE-OR-URL@sha256:HEX']…   default: what the spec says, else the catalogue's archives
  [--arch amd64,arm64]                          default: those that the sources name, else this machine's
  [--name registry.example/payload-kata:4.2.0]
  [--data-only]                                 without the installer`;

const text = { type: 'string' } as const;
const options = {
  family: text,
  version: text,
  handlers: text,
  spec: text,
  source: { type: 'string', multiple: true },
  arch: text,
  'data-only': { type: 'boolean', default: false },
  name: text,
  out: text,
} as const;

/** *Errors*: throws in words. */
export function payloadCommand(args: readonly string[], machine: string): PayloadCommand {
  const given = readOptions(args);
  if (!given.out) throw wrong('--out is missing');
  const sources = (given.source ?? []).map(parseArchive);
  const named = [...new Set(sources.flatMap(({ arch }) => arch ?? []))];
  const arches = given.arch ? given.arch.split(',').map(parseArch) : named.length > 0 ? named : [parseArch(machine)];
  const { name, out, 'data-only': dataOnly } = given;
  if (name !== undefined && !/[^/]:[\w.-]+$/.test(name)) throw wrong(`the name ${name} has no tag`);
  if (!dataOnly && arches.some((arch) => arch !== machine)) {
    throw wrong(`the installer that would be in the image is ${machine}; build there, or with --data-only`);
  }
  return { spec: specOf(given), sources, arches, ...(name !== undefined && { name }), dataOnly, out };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
  }
}

type Given = Readonly<Partial<Record<'family' | 'version' | 'handlers' | 'spec', string>>>;

function specOf({ family, version, handlers, spec }: Given): SandboxRuntimeSpec {
  if ((spec === undefined) === (family === undefined))
    throw wrong('exactly one of --family and --spec says what it is');
  if (spec !== undefined && (version ?? handlers) !== undefined) throw wrong('--spec has version and handlers itself');
  const names = handlers?.split(',').map((name) => ({ name }));
  const raw: unknown =
    spec === undefined
      ? { family, ...(version !== undefined && { version }), ...(names && { handlers: names }) }
      : (parse(readFileSync(spec, 'utf8')) as { readonly spec?: unknown } | null)?.spec;
  const parsed = sandboxRuntimeSpec.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw wrong(parsed.error.issues.map(({ path, message }) => `spec.${path.join('.')}: ${message}`).join('; '));
}

const hexDigits = { sha256: 64, sha512: 128 } as const;

/** *Shape*: `[ARCH=]FILE-OR-URL@sha256:HEX`. */
function parseArchive(source: string): GivenArchive {
  const [, arch, from = '', algorithm, hex = ''] =
    /^(?:([a-z0-9]+)=)?(.+)@(sha256|sha512):([0-9a-f]+)$/.exec(source) ?? [];
  if ((algorithm !== 'sha256' && algorithm !== 'sha512') || hex.length !== hexDigits[algorithm]) {
    throw wrong(`the source ${source} is not [ARCH=]FILE-OR-URL@sha256:HEX, or @sha512:HEX`);
  }
  return { from, digest: { algorithm, hex }, ...(arch !== undefined && { arch: parseArch(arch) }) };
}

function parseArch(name: string): Arch {
  const parsed = kubernetesArch.safeParse(name);
  if (parsed.success) return parsed.data;
  throw wrong(`${name} is no architecture; there are ${kubernetesArch.options.join(', ')}`);
}

function wrong(why: string): UnfitPayload {
  return new UnfitPayload('CommandWrong', `Cannot tell what to build: ${why}.`, `Usage: ${usage}`);
}
