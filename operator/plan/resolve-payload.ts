// Where a node gets the payload from: what the spec says, else the catalogue's image or archives for the chosen variants.
import { payloadImageFor } from '../../crds/image-tags.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { parseSource } from '../../crds/payload-source.ts';
import type { SandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import type { Archive, Family, FamilyVersion, Variant } from '../../runtime/family.ts';
import { invalid, type InvalidSpec } from './invalid-spec.ts';

export type Images = { readonly installerImage: string; readonly payloadRepository: string };

export type ResolvedPayload = {
  readonly kind: 'Payload';
  /** Where the stage step runs. */
  readonly image: string;
  /** An image that the steps which read the payload have mounted. */
  readonly volume?: string;
  readonly sources: NodeTask['sources'];
  /** Architectures for which nobody has published a digest, and of what. */
  readonly unpinned: ReadonlyMap<string, NoDigest>;
};

export type NoDigest = Pick<InvalidSpec, 'reason' | 'message' | 'hint'>;

export function resolvePayload(
  spec: SandboxRuntimeSpec,
  family: Family,
  version: FamilyVersion,
  variants: readonly Variant[],
  { installerImage, payloadRepository }: Images,
): ResolvedPayload | InvalidSpec {
  const given = spec.payload?.sources;
  if (given) {
    const image = given.find((source) => source.image !== undefined)?.image ?? installerImage;
    const volume = given.find((source) => source.imageVolume !== undefined)?.imageVolume;
    const sources = given.map(parseSource);
    return { kind: 'Payload', image, ...(volume !== undefined && { volume }), sources, unpinned: new Map() };
  }
  if (version.image !== undefined) {
    const image = payloadImageFor(`${payloadRepository}/${version.image}`, installerImage);
    return { kind: 'Payload', image, sources: [{ kind: 'image' }], unpinned: new Map() };
  }
  return fromArchives(family, version, variants, installerImage);
}

function fromArchives(
  { title }: Family,
  { version, archives = [] }: FamilyVersion,
  variants: readonly Variant[],
  image: string,
): ResolvedPayload | InvalidSpec {
  const names = new Set(variants.flatMap((variant) => variant.archives ?? []));
  const wanted = archives.filter(({ name }) => names.has(name));
  const lacking = wanted.filter(({ digest }) => digest === undefined);
  const unpinned = new Map(lacking.map((archive) => [archive.arch, noDigest(`${title} ${version}`, archive)]));
  const sources = wanted.flatMap(({ arch, url, digest }) =>
    digest && !unpinned.has(arch) ? [{ kind: 'archive' as const, url, digest, arch }] : [],
  );
  const [first] = unpinned.values();
  if (sources.length === 0 && first) return invalid(first.reason, first.message, first.hint);
  return { kind: 'Payload', image, sources, unpinned };
}

function noDigest(what: string, { arch, url }: Archive): NoDigest {
  return {
    reason: 'DigestUnknown',
    message: `Nobody has published a digest of ${what} for ${arch} (${url}), so nodes could not tell a wrong file.`,
    hint: 'Check the archive yourself, and give it with its sha256 in spec.payload.sources.',
  };
}
