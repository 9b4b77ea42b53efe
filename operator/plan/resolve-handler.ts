// What one entry of spec.handlers means by the catalogue, and which entries there are when the spec has none.
import type { NodeNeeds } from '../../crds/node-needs.ts';
import { handlerPlaceholder, type HandlerTask, type NodeTask } from '../../crds/node-task.ts';
import type { SandboxRuntimeHandler, Toleration } from '../../crds/sandbox-runtime.ts';
import type { Family, FamilyVersion, Variant } from '../../runtime/family.ts';
import { handlerConfig } from './handler-config.ts';
import { handlerNeeds } from './handler-needs.ts';
import { type InvalidSpec, unknown } from './invalid-spec.ts';

export type WantedClass = {
  readonly name: string;
  readonly handler: string;
  readonly overhead: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
};

export type ResolvedHandler = {
  readonly kind: 'Handler';
  readonly task: HandlerTask;
  readonly files: NodeTask['generatedFiles'];
  readonly variant: Variant;
  readonly needs: Partial<NodeNeeds>;
  readonly classes: readonly WantedClass[];
};

/** The family's default variants, with the names that workloads know them by. */
export function defaultHandlers({ defaultVariants }: Family, { variants }: FamilyVersion): SandboxRuntimeHandler[] {
  return variants
    .filter(({ name }) => defaultVariants.includes(name))
    .map(({ name, handlerName = name, aliases = [] }) => ({
      name: handlerName,
      variant: name,
      runtimeClass: { create: true, aliases: [...aliases] },
    }));
}

export function resolveHandler(
  handler: SandboxRuntimeHandler,
  family: Family,
  version: FamilyVersion,
): ResolvedHandler | InvalidSpec {
  const { variants } = version;
  const name = handler.variant ?? variantFor(handler.name, family, version);
  const variant = variants.find((each) => each.name === name);
  if (!variant) {
    return unknown(
      'Variant',
      name,
      `variant of ${family.title}`,
      variants.map((each) => each.name),
    );
  }
  const { snapshotter = variant.handler.snapshotter } = handler;
  const config = handlerConfig(handler, variant, {
    name: handler.name,
    ...named(variant.handler, handler.name, family.name),
    ...(snapshotter === undefined ? {} : { snapshotter }),
    ...(handler.guest?.pullImages === undefined ? {} : { pullsInGuest: handler.guest.pullImages }),
  });
  if (config.kind === 'InvalidSpec') return config;
  const { task, files } = config;
  return {
    kind: 'Handler',
    task,
    files,
    variant,
    needs: handlerNeeds(handler, variant),
    classes: classesOf(handler, variant),
  };
}

/** Two handlers of one variant have a config each. */
function named(handler: Variant['handler'], name: string, family: string): Variant['handler'] {
  const own = name.startsWith(`${family}-`) ? name.slice(family.length + 1) : name;
  // A handler's name is a DNS label, so it needs no escaping.
  return JSON.parse(JSON.stringify(handler).replaceAll(handlerPlaceholder, own)) as Variant['handler'];
}

/** A family of several variants guesses none, lest a slip of the pen becomes another hypervisor. */
function variantFor(handler: string, { name, defaultVariants }: Family, { variants }: FamilyVersion): string {
  const match = variants.find((each) => each.handlerName === handler || each.name === handler);
  if (match) return match.name;
  return variants.length === 1 || handler === name ? (defaultVariants[0] ?? handler) : handler;
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
