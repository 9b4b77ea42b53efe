// What a node of one architecture would be told for a spec, and what the catalogue knows of its payload. Pure but for a hash.
import { createHash } from 'node:crypto';
import { handlersFor, type NodeTask } from '../../crds/node-task.ts';
import type { TaskSource } from '../../crds/payload-source.ts';
import type { SandboxRuntimeSpec } from '../../crds/sandbox-runtime.ts';
import { UnfitPayload } from '../../node-installer/payload/unfit-payload.ts';
import { resolve } from '../../operator/plan/resolve.ts';
import { catalogue } from '../../runtime/catalogue.ts';
import { customFamilyOf } from '../../runtime/custom.ts';
import type { Family } from '../../runtime/family.ts';
import type { Arch, GivenArchive } from './payload-command.ts';

export type PayloadTask = {
  readonly task: NodeTask;
  readonly family: Family;
  readonly archives: readonly GivenArchive[];
};

type Wish = { readonly spec: SandboxRuntimeSpec; readonly sources: readonly GivenArchive[] };

/** *Errors*: throws in words for a spec that means nothing, and when no archive or handler is for the architecture. */
export function payloadTask({ spec, sources }: Wish, arch: Arch): PayloadTask {
  // What is given here counts instead of what the spec or the catalogue has.
  const wanted = sources.length === 0 ? spec : { ...spec, payload: { sources: [{ image: 'given' }] } };
  const images = { installerImage: 'installer', payloadRepository: 'payloads' };
  const resolved = resolve('payload', { kind: 'Spec', spec: wanted }, { catalogue, images, hash });
  if (resolved.kind === 'InvalidSpec') throw new UnfitPayload(resolved.reason, resolved.message, resolved.hint);
  const handlers = handlersFor(resolved.task.handlers, arch);
  const what = `${resolved.task.family} ${resolved.version} for ${arch}`;
  if (handlers.length === 0) throw cannot('WrongArchitecture', what, 'none of the handlers is for that architecture');
  const unpinned = sources.length === 0 ? resolved.unpinned.get(arch) : undefined;
  if (unpinned) throw new UnfitPayload(unpinned.reason, unpinned.message, 'Check the archive yourself, and name it.');
  const archives = (
    sources.length > 0 ? sources : resolved.task.sources.map((source) => archiveOf(source, what))
  ).filter((source) => (source.arch ?? arch) === arch);
  if (archives.length === 0) throw cannot('WrongArchitecture', what, 'no source is for that architecture');
  const family = catalogue.find(({ name }) => name === spec.family) ?? customFamilyOf(spec);
  return { task: { ...resolved.task, handlers }, family, archives };
}

function archiveOf(source: TaskSource, what: string): GivenArchive {
  switch (source.kind) {
    case 'archive':
      return {
        from: source.url,
        digest: source.digest,
        ...(source.arch !== undefined && { arch: source.arch as Arch }),
      };
    case 'image':
      throw cannot('NoArchive', what, 'it comes as an image, so name the archives to build another one from');
    case 'hostPath':
      throw cannot('SourceOnNodes', what, `${source.path} is a folder of the nodes; leave it out here`);
  }
}

function cannot(reason: string, what: string, why: string): UnfitPayload {
  return new UnfitPayload(reason, `Cannot build a payload image of ${what}: ${why}.`);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
