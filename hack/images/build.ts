// Builds the project's images into tars in the cache; `node hack/images/build.ts` prints where they are. It loads none.
import { access } from 'node:fs/promises';
import { payloadImageFor } from '../../crds/image-tags.ts';
import { cacheRoot, inCache } from '../cache.ts';
import { writeImage, type Image } from '../image/write-image.ts';
import { progress, timed, type Say } from '../progress.ts';
import { gatherGvisor } from './gather-gvisor.ts';
import { gatherIngredients } from './gather-ingredients.ts';
import { gatherKrun } from './gather-krun.ts';
import { installerImage, operatorImage, payloadImage, repository } from './image-plan.ts';
import { contentHash, imageTag } from './image-tag.ts';
import { keepNewest } from './keep-newest.ts';

export type BuiltImages = {
  /** Absolute paths, one with the operator and the installer, one per payload. */
  readonly tars: readonly string[];
  readonly operator: string;
  readonly installer: string;
  /** Where the catalogue's payload images are. */
  readonly payloadRepository: string;
};

/** Tars of each name that stay in the cache; they are over 100 MB each. */
const kept = 4;

const gatherPayload = { gvisor: gatherGvisor, krun: gatherKrun };
export type PayloadFamily = keyof typeof gatherPayload;

interface Wanted {
  /** Tags the images with the version alone. */
  readonly release?: boolean;
  /** Default: all. */
  readonly families?: readonly PayloadFamily[];
}

/** Builds what has changed. */
export async function buildImages(
  say: Say,
  { release = false, families = ['gvisor', 'krun'] }: Wanted = {},
): Promise<BuiltImages> {
  const gathering = families.map((family) => gatherPayload[family](say));
  const [ingredients, ...payloads] = await Promise.all([gatherIngredients(say), ...gathering]);
  const tagged = (imageOf: typeof operatorImage) =>
    imageOf(ingredients, imageTag(ingredients.version, portable(imageOf(ingredients, '')), { release }));
  const [operator, installer] = [tagged(operatorImage), tagged(installerImage)];
  const tars = [await write('images', [operator, installer], say)];
  for (const payload of payloads) {
    const name = payloadImageFor(payload.name, installer.name);
    tars.push(await write(`images-${payload.family}`, [payloadImage(ingredients, { ...payload, name })], say));
  }
  return { tars, operator: operator.name, installer: installer.name, payloadRepository: repository };
}

async function write(name: string, images: readonly Image[], say: Say): Promise<string> {
  const out = inCache(`${name}-${contentHash(images.map(portable))}.tar`);
  const isThere = await access(out).then(
    () => true,
    () => false,
  );
  if (isThere) return out;
  const names = images.map((image) => image.name).join(', ');
  await timed(say, `writing ${names}`, () => writeImage({ out, images }));
  await keepNewest(cacheRoot(), name, kept);
  return out;
}

/** Without this machine's cache folder; what is in the cache is named by its content. */
function portable(image: Image): unknown {
  return JSON.parse(JSON.stringify(image).replaceAll(cacheRoot(), ''));
}

if (import.meta.main) {
  const { tars, ...names } = await buildImages(progress('images'), { release: process.argv.includes('--release') });
  console.log(JSON.stringify({ tars, ...names }, null, 2));
}
