// Puts the payload on the host: from the image alone every file as its manifest has it, else what is needed of several sources.
// The folder is there as a whole or not at all. No engine is touched.
import type { PayloadManifest } from '../../crds/payload-manifest.ts';
import { type Host, WriteRefused } from '../host/host.ts';
import { hashing } from '../payload/hash.ts';
import type { PayloadSource } from '../payload/source.ts';
import { decideStaging, payloadBytesOf, type Staging } from './decide-staging.ts';
import { makeLinks } from './make-links.ts';
import { orRefusal } from './or-refusal.ts';
import { placeFolder, writeFile } from './place-folder.ts';
import { stageLayers } from './stage-layers.ts';
import { refuse, type Refusal, type StepContext, type StepResult } from './step.ts';
import { whileLocked } from './while-locked.ts';

export async function stage(context: StepContext): Promise<StepResult> {
  const decided = await decideStaging(context);
  switch (decided.kind) {
    case 'Refused':
      return decided.refusal;
    case 'Intact':
      return { outcome: 'unchanged', folder: decided.folder };
    case 'Copy':
      return whileLocked(context.host, () => copyPayload(context, decided));
    case 'Choose':
      return stageLayers(context, decided);
  }
}

async function copyPayload({ host, task, payload }: StepContext, staging: Staging): Promise<StepResult> {
  const { folder, bytes, manifest } = staging;
  const refusal = await placeFolder(host, task, { folder, payloadBytes: payloadBytesOf(staging) }, (temporary) =>
    orRefusal(async () => (await copyVerified(host, payload, manifest, temporary)) ?? { manifest: bytes }),
  );
  return refusal ?? { outcome: 'done', folder };
}

/** *Guarantees*: the whole payload has the digests of the manifest, or a refusal comes back. */
async function copyVerified(
  host: Host,
  payload: PayloadSource,
  { files, links }: PayloadManifest,
  folder: string,
): Promise<Refusal | undefined> {
  for (const { path, sha256, sizeBytes, mode } of files) {
    const stream = hashing(payload.open(path), sizeBytes);
    try {
      // One at a time: they are large, and the disk is the node's.
      await writeFile(host, `${folder}/${path}`, stream.chunks, mode);
    } catch (error) {
      if (error instanceof WriteRefused) throw error;
      return refuse('failed', 'StagingFailed', `Cannot stage ${path} of the payload: ${String(error)}.`);
    }
    const got = stream.passed();
    if (got.sha256 === sha256 && got.sizeBytes === sizeBytes) continue;
    const message = `Cannot stage ${path} of the payload: its sha256 is ${got.sha256.slice(0, 12)}…, the manifest has ${sha256.slice(0, 12)}….`;
    return refuse('failed', 'PayloadCorrupt', message, 'The payload image is damaged: pull or build it anew.');
  }
  await makeLinks(host, links, folder);
  return undefined;
}
