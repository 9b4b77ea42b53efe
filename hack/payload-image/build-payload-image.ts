// Builds the image of a payload from archives, into one tar that appears only when all of it is right.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { realHost } from '../../node-installer/host/real-host.ts';
import { judgeManifest } from '../../node-installer/payload/manifest.ts';
import { UnfitPayload } from '../../node-installer/payload/unfit-payload.ts';
import { type Ingredients, type Payload, payloadImage, payloadOnlyImage } from '../images/image-plan.ts';
import { writeImage, type WrittenImage } from '../image/write-image.ts';
import type { Say } from '../progress.ts';
import { describePayload } from './describe-payload.ts';
import { gatherPayload } from './gather-payload.ts';
import { openArchives } from './open-archives.ts';
import type { Arch, PayloadCommand } from './payload-command.ts';
import { payloadTask } from './payload-task.ts';

type Around = {
  readonly say: Say;
  /** Asked for when the image is to have the installer. */
  readonly ingredients: () => Promise<Ingredients>;
};

export type BuiltPayloadImage = WrittenImage & { readonly payloads: readonly Payload[] };

/** *Errors*: throws {@link UnfitPayload} in words for what is wrong with the command or the archives. */
export async function buildPayloadImage(command: PayloadCommand, around: Around): Promise<BuiltPayloadImage> {
  const out = resolve(command.out);
  const tasks = command.arches.map((arch) => [arch, payloadTask(command, arch)] as const);
  await mkdir(dirname(out), { recursive: true });
  const scratch = await mkdtemp(join(dirname(out), `.${basename(out)}-`));
  try {
    const payloads: Payload[] = [];
    for (const [arch, task] of tasks) payloads.push(await gather(command, arch, task, { scratch, say: around.say }));
    const ingredients = command.dataOnly ? undefined : await around.ingredients();
    const images = payloads.map((payload) =>
      ingredients ? payloadImage(ingredients, payload) : payloadOnlyImage(payload),
    );
    const [written] = await writeImage({ out, images });
    if (!written) throw new Error('Cannot build an image for no architecture.');
    return { ...written, payloads };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function gather(
  { name }: PayloadCommand,
  arch: Arch,
  wanted: ReturnType<typeof payloadTask>,
  { scratch, say }: { readonly scratch: string; readonly say: Say },
): Promise<Payload> {
  const { task, family, archives } = wanted;
  const host = { ...realHost('/'), arch };
  const folder = join(scratch, arch);
  await mkdir(folder);
  const layers = await openArchives(host, archives, { root: task.payloadRoot, scratch, say });
  const gathered = await gatherPayload(host, task, layers, { folder, versionsFile: family.versionsFile });
  // A node that stages the image alone judges it by this.
  const verdict = judgeManifest(Buffer.from(JSON.stringify(gathered.manifest)), task, arch);
  if (verdict.kind === 'Unfit') throw new UnfitPayload(verdict.reason, verdict.message);
  return describePayload(wanted, gathered, folder, name);
}
