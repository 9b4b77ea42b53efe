// What a spec means by the catalogue: the task that nodes get and the classes that users see, or what is wrong with it.
import type { HandlerTask, NodeTask } from '../../crds/node-task.ts';
import { parseSource } from '../../crds/payload-source.ts';
import {
  customFamily,
  type SandboxRuntimeHandler,
  type SandboxRuntimeSpec,
  type Toleration,
} from '../../crds/sandbox-runtime.ts';
import { customFamilyOf } from '../../runtime/custom.ts';
import type { Family, FamilyVersion, Variant } from '../../runtime/family.ts';
import { addNeeds } from '../../runtime/needs.ts';
import type { ParsedSpec } from './observe-runtime.ts';
import { type Hash, revisionOf } from './revision.ts';

export type WantedClass = {
  readonly name: string;
  readonly handler: string;
  readonly overhead: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
};

export type Wanted = {
  readonly kind: 'Wanted';
  readonly spec: SandboxRuntimeSpec;
  readonly version: string;
  readonly arches: readonly string[];
  readonly payloadImage: string;
  /** The task's revision is the wanted one. */
  readonly task: NodeTask;
  /** In the spec's order; a handler whose classes the user makes has none. */
  readonly classes: readonly WantedClass[];
};

export type InvalidSpec = {
  readonly kind: 'InvalidSpec';
  readonly reason: string;
  readonly message: string;
  readonly hint: string;
};

export type Images = { readonly installerImage: string; readonly payloadRepository: string };

export type Surroundings = { readonly catalogue: readonly Family[]; readonly images: Images; readonly hash: Hash };

export function resolve(
  runtime: string,
  parsed: ParsedSpec,
  { catalogue, images, hash }: Surroundings,
): Wanted | InvalidSpec {
  if (parsed.kind === 'Unreadable') return invalid('UnreadableSpec', parsed.why, 'Correct the spec.');
  const { spec } = parsed;
  const family =
    spec.family === customFamily ? customFamilyOf(spec) : catalogue.find(({ name }) => name === spec.family);
  if (!family)
    return unknown('Family', spec.family, 'runtime family', [...catalogue.map(({ name }) => name), customFamily]);
  const version = spec.version ? family.versions.find((each) => each.version === spec.version) : family.versions[0];
  if (!version) return unknown('Version', spec.version ?? '', `version of ${family.title}`, versionsOf(family));
  const handlers = (spec.handlers ?? family.defaultVariants.map((name) => ({ name }))).map((handler) =>
    resolveHandler(handler, family, version),
  );
  const wrong = handlers.find((handler) => handler.kind === 'InvalidSpec') ?? repeated(handlers.filter(isHandler));
  if (wrong) return wrong;
  const good = handlers.filter(isHandler);
  const payload = payloadOf(spec, version, images);
  const task = {
    runtime,
    family: family.name,
    version: version.version,
    handlers: good.map((handler) => handler.task),
    sources: payload.sources,
    takes: version.takes ?? ('Needed' as const),
    generatedFiles: version.generatedFiles,
    needs: good.reduce((needs, handler) => addNeeds(needs, handler.needs), family.needs),
    force: false,
  };
  const revision = revisionOf({ task, payloadImage: payload.image, installerImage: images.installerImage }, hash);
  return {
    kind: 'Wanted',
    spec,
    version: version.version,
    arches: version.arches,
    payloadImage: payload.image,
    task: { ...task, revision },
    classes: good.flatMap((handler) => handler.classes),
  };
}

/** Where the stage step runs, and what it takes the files from. */
type Payload = { readonly image: string; readonly sources: NodeTask['sources'] };

function payloadOf(spec: SandboxRuntimeSpec, version: FamilyVersion, images: Images): Payload {
  const { installerImage, payloadRepository } = images;
  const given = spec.payload?.sources;
  if (given) {
    const image = given.find((source) => source.image !== undefined)?.image;
    return { image: image ?? installerImage, sources: given.map(parseSource) };
  }
  if (version.image === undefined) return { image: installerImage, sources: [] };
  return { image: `${payloadRepository}/${version.image}`, sources: [{ kind: 'image' }] };
}

type ResolvedHandler = {
  readonly kind: 'Handler';
  readonly task: HandlerTask;
  readonly needs: NonNullable<Variant['needs']>;
  readonly classes: readonly WantedClass[];
};

function resolveHandler(
  handler: SandboxRuntimeHandler,
  family: Family,
  version: FamilyVersion,
): ResolvedHandler | InvalidSpec {
  const variants = new Map(version.variants.map((variant) => [variant.name, variant]));
  const fallback = variants.has(handler.name) ? handler.name : (family.defaultVariants[0] ?? '');
  const variant = variants.get(handler.variant ?? fallback);
  if (!variant)
    return unknown('Variant', handler.variant ?? fallback, `variant of ${family.title}`, [...variants.keys()]);
  const task = { name: handler.name, ...variant.handler };
  return { kind: 'Handler', task, needs: variant.needs ?? {}, classes: classesOf(handler, variant) };
}

function classesOf({ name: handler, runtimeClass }: SandboxRuntimeHandler, variant: Variant): WantedClass[] {
  if (runtimeClass?.create === false) return [];
  const names = [runtimeClass?.name ?? handler, ...(runtimeClass?.aliases ?? [])];
  return names.map((name) => ({
    name,
    handler,
    overhead: runtimeClass?.overhead ?? variant.overhead,
    nodeSelector: runtimeClass?.nodeSelector ?? {},
    tolerations: runtimeClass?.tolerations ?? [],
  }));
}

function repeated(handlers: readonly ResolvedHandler[]): InvalidSpec | undefined {
  const handler = firstRepeated(handlers.map(({ task }) => task.name));
  if (handler)
    return invalid('DuplicateHandler', `The handler ${handler} is there twice.`, 'Give each handler its own name.');
  const name = firstRepeated(handlers.flatMap(({ classes }) => classes.map((each) => each.name)));
  if (!name) return undefined;
  return invalid(
    'DuplicateRuntimeClass',
    `The RuntimeClass ${name} is there twice.`,
    'Give each class and alias its own name.',
  );
}

function firstRepeated(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) !== i);
}

function unknown(
  kind: 'Family' | 'Version' | 'Variant',
  name: string,
  what: string,
  known: readonly string[],
): InvalidSpec {
  const message = `There is no ${what} called ${name}.`;
  return invalid(`Unknown${kind}`, message, `Use one of: ${known.join(', ')}.`);
}

function invalid(reason: string, message: string, hint: string): InvalidSpec {
  return { kind: 'InvalidSpec', reason, message, hint };
}

function versionsOf(family: Family): string[] {
  return family.versions.map(({ version }) => version);
}

function isHandler(handler: ResolvedHandler | InvalidSpec): handler is ResolvedHandler {
  return handler.kind === 'Handler';
}
