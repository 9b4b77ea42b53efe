// What a spec means by the catalogue: the task that nodes get and the classes that users see, or what is wrong with it.
import { handlersFor, type NodeTask } from '../../crds/node-task.ts';
import { customFamily, type SandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import { customFamilyOf } from '../../runtime/custom.ts';
import type { Family } from '../../runtime/family.ts';
import { addNeeds } from '../../runtime/needs.ts';
import { invalid, type InvalidSpec, unknown } from './invalid-spec.ts';
import type { ParsedSpec } from './observe-runtime.ts';
import { defaultHandlers, type ResolvedHandler, resolveHandler, type WantedClass } from './resolve-handler.ts';
import { type Images, type ResolvedPayload, resolvePayload } from './resolve-payload.ts';
import { type Hash, revisionOf } from './revision.ts';

export type Wanted = {
  readonly kind: 'Wanted';
  readonly spec: SandboxRuntimeSpec;
  readonly version: string;
  readonly arches: readonly string[];
  readonly unpinned: ResolvedPayload['unpinned'];
  readonly payloadImage: string;
  readonly payloadVolume: string | undefined;
  /** The task's revision is the wanted one. */
  readonly task: NodeTask;
  /** What nodes carry while they are ready. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** In the spec's order; a handler whose classes the user makes has none. */
  readonly classes: readonly WantedClass[];
};

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
  const handlers = (spec.handlers ?? defaultHandlers(family, version)).map((handler) =>
    resolveHandler(handler, family, version),
  );
  const wrong = handlers.find((handler) => handler.kind === 'InvalidSpec') ?? repeated(handlers.filter(isHandler));
  if (wrong) return wrong;
  const good = handlers.filter(isHandler);
  const variants = good.map(({ variant }) => variant);
  const payload = resolvePayload(spec, family, version, variants, images);
  if (payload.kind === 'InvalidSpec') return payload;
  const task = {
    runtime,
    family: family.name,
    version: version.version,
    handlers: good.map((handler) => handler.task),
    sources: payload.sources,
    takes: version.takes ?? ('Needed' as const),
    ...(version.payloadRoot === undefined ? {} : { payloadRoot: version.payloadRoot }),
    generatedFiles: [...version.generatedFiles, ...good.flatMap(({ files }) => files)],
    needs: good.reduce((sum, { needs }) => addNeeds(sum, needs), family.needs),
    force: false,
  };
  const { image: payloadImage, volume: payloadVolume } = payload;
  const revision = revisionOf({ task, payloadImage, payloadVolume, installerImage: images.installerImage }, hash);
  return {
    kind: 'Wanted',
    spec,
    version: version.version,
    arches: version.arches.filter((arch) => handlersFor(task.handlers, arch).length > 0),
    unpinned: payload.unpinned,
    payloadImage,
    payloadVolume,
    task: { ...task, revision },
    nodeLabels: { ...family.nodeLabels, ...spec.nodes?.labels },
    classes: good.flatMap((handler) => handler.classes),
  };
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

function versionsOf(family: Family): string[] {
  return family.versions.map(({ version }) => version);
}

function isHandler(handler: ResolvedHandler | InvalidSpec): handler is ResolvedHandler {
  return handler.kind === 'Handler';
}
