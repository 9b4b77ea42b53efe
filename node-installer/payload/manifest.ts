// Reads a payload's manifest and says whether it is the one that the task is about.
import { manifestName, payloadManifest, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';
import { choose, type PayloadEntry, type PayloadTree } from './payload-tree.ts';
import { UnfitPayload } from './unfit-payload.ts';

export type ManifestVerdict =
  | { readonly kind: 'Fits'; readonly manifest: PayloadManifest }
  | { readonly kind: 'Unfit'; readonly reason: string; readonly message: string };

export function judgeManifest(bytes: Uint8Array | undefined, task: NodeTask, arch: string): ManifestVerdict {
  if (!bytes)
    return unfit('PayloadMissing', `Cannot stage ${task.family}: there is no ${manifestName} in the payload.`);
  const parsed = parseManifest(bytes);
  if (!parsed)
    return unfit(
      'PayloadBroken',
      `Cannot stage ${task.family}: the payload's ${manifestName} is not a valid manifest.`,
    );
  if (parsed.arch !== arch) {
    return unfit(
      'WrongArchitecture',
      `Cannot stage ${task.family} on an ${arch} node: the payload is for ${parsed.arch}.`,
    );
  }
  if (parsed.family !== task.family || parsed.version !== task.version) {
    const [got, wanted] = [`${parsed.family} ${parsed.version}`, `${task.family} ${task.version}`];
    return unfit('PayloadMismatch', `Cannot stage ${wanted}: the payload is ${got}.`);
  }
  const unsafe = unsafeLinks(parsed);
  if (unsafe) return unsafe;
  const missing = missingFiles(parsed, task);
  return missing.length === 0
    ? { kind: 'Fits', manifest: parsed }
    : unfit('PayloadIncomplete', `Cannot stage ${task.family}: the payload has no ${missing.join(', ')}.`);
}

/** `undefined` for anything but a valid manifest. */
export function parseManifest(bytes: Uint8Array): PayloadManifest | undefined {
  try {
    return payloadManifest.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

/** A link must say shortly where it leads: the kernel follows `a/..` through the link `a`, and not back to where `a` is. */
function unsafeLinks(manifest: PayloadManifest): ManifestVerdict | undefined {
  try {
    const { links } = choose(treeOf(manifest), { files: [], optional: [], everything: true }, undefined);
    const odd = manifest.links.find(({ path, target }) => links.get(path) !== target || isUsed(manifest, path));
    return (
      odd && unfit('PayloadBroken', `Cannot stage the payload: its link ${odd.path} to ${odd.target} does not hold.`)
    );
  } catch (error) {
    if (error instanceof UnfitPayload) return unfit(error.reason, error.message);
    throw error;
  }
}

/** As a file, or as a folder of one. */
function isUsed({ files }: PayloadManifest, link: string): boolean {
  return files.some(({ path }) => path === link || path.startsWith(`${link}/`));
}

export function treeOf({ files, links }: PayloadManifest): PayloadTree {
  return new Map<string, PayloadEntry>([
    ...files.map(({ path, sizeBytes, mode }) => [path, { kind: 'file', sizeBytes, mode }] as const),
    ...links.map(({ path, target }) => [path, { kind: 'link', target }] as const),
  ]);
}

function missingFiles({ files, links }: PayloadManifest, { handlers, generatedFiles }: NodeTask): string[] {
  const there = new Set([...files, ...links, ...generatedFiles].map(({ path }) => path));
  const wanted = handlers.flatMap(({ requires, runtimePath }) => [...requires, ...(runtimePath ? [runtimePath] : [])]);
  return [...new Set(wanted)].filter((path) => !there.has(path));
}

function unfit(reason: string, message: string): ManifestVerdict {
  return { kind: 'Unfit', reason, message };
}
