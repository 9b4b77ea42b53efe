// Reads a payload's manifest and says whether it is the one that the task is about.
import { manifestName, payloadManifest, type PayloadManifest } from '../../crds/payload-manifest.ts';
import type { NodeTask } from '../../crds/node-task.ts';

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

function missingFiles({ files }: PayloadManifest, { handlers, generatedFiles }: NodeTask): string[] {
  const there = new Set([...files, ...generatedFiles].map(({ path }) => path));
  const wanted = handlers.flatMap(({ requires, runtimePath }) => [...requires, ...(runtimePath ? [runtimePath] : [])]);
  return [...new Set(wanted)].filter((path) => !there.has(path));
}

function unfit(reason: string, message: string): ManifestVerdict {
  return { kind: 'Unfit', reason, message };
}
